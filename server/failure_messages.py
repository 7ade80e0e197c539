"""What a person reads when a request fails: status, English, French, by code."""

from server.turns import MAX_QUESTION_CHARS

_LIMIT_EN = f"{MAX_QUESTION_CHARS:,}"
_LIMIT_FR = _LIMIT_EN.replace(",", "\u202f")

MESSAGES: dict[str, tuple[int, str, str]] = {
    "empty": (
        422,
        "The question is empty: write what you want to know.",
        "La question est vide : écrivez ce que vous voulez savoir.",
    ),
    "too_long": (
        422,
        f"The question is longer than {_LIMIT_EN} characters: shorten it, or ingest the text as a document.",
        f"La question dépasse {_LIMIT_FR} caractères : raccourcissez-la, ou donnez le texte comme document.",
    ),
    "unknown_thread": (
        404,
        "There is no such conversation: see `souvenir threads list`.",
        "Cette conversation n'existe pas : voyez `souvenir threads list`.",
    ),
    "unknown_turn": (
        404,
        "There is no such turn: it ended without an answer, or never was.",
        "Ce tour n'existe pas : il a fini sans réponse, ou n'a jamais existé.",
    ),
    "unknown_checkpoint": (
        404,
        "This conversation has no such checkpoint at hand: see `souvenir threads show`.",
        "Cette conversation n'a pas ce point de reprise sous la main : voyez `souvenir threads show`.",
    ),
    "bad_key": (
        422,
        "The idempotency key must have 1 to 200 printable characters.",
        "La clé d'idempotence doit avoir de 1 à 200 caractères imprimables.",
    ),
    "key_reused": (
        422,
        "This idempotency key came with another question before: use a new one for each question.",
        "Cette clé d'idempotence accompagnait une autre question : prenez-en une nouvelle à chaque question.",
    ),
    "ending": (
        503,
        "Souvenir is about to stop: ask again when it runs.",
        "Souvenir est sur le point de s'arrêter : reposez la question quand il tournera.",
    ),
    "unknown_document": (
        404,
        "There is no such document: see `souvenir documents list`.",
        "Ce document n'existe pas : voyez `souvenir documents list`.",
    ),
    "unknown_entity": (
        404,
        "The knowledge graph holds nothing of this name: try a part of it.",
        "Le graphe de connaissances n'a rien de ce nom : essayez-en une partie.",
    ),
    "knowledge_unavailable": (
        503,
        "The knowledge graph does not answer ({reason}): see `souvenir doctor`.",
        "Le graphe de connaissances ne répond pas ({reason}) : voyez `souvenir doctor`.",
    ),
    "graph_is_shared": (
        403,
        "Others have their graphs in this Neo4j too, so queries of one's own are not run: use `graph show`.",
        "D'autres ont leur graphe dans ce Neo4j, les requêtes libres n'y sont pas permises : "
        "utilisez `graph show`.",
    ),
    "thread_busy": (
        409,
        "Another turn is still running on this conversation: try again in a moment.",
        "Un autre tour est encore en cours sur cette conversation : réessayez dans un instant.",
    ),
    "recall_unavailable": (
        503,
        "Long-term memory does not answer: see `souvenir doctor`.",
        "La mémoire à long terme ne répond pas : voyez `souvenir doctor`.",
    ),
    "short_term_unavailable": (
        503,
        "The checkpoints cannot be used: is the disk full or read-only? See `souvenir doctor`.",
        "Les points de reprise sont inutilisables : disque plein, ou en lecture seule ? "
        "Voyez `souvenir doctor`.",
    ),
    "owner_token_required": (
        403,
        "Only the account that runs Souvenir may do this: use the `souvenir` command.",
        "Seul le compte qui fait tourner Souvenir peut faire cela : utilisez la commande `souvenir`.",
    ),
    "foreign_origin": (
        403,
        "This request comes from another site and was refused.",
        "Cette demande vient d'un autre site et a été refusée.",
    ),
    "no_files": (422, "No file was given.", "Aucun fichier n'a été donné."),
    "body_too_large": (
        413,
        "This request is larger than the 1 MiB that is taken: send long texts as documents.",
        "Cette demande dépasse 1 Mio : donnez les longs textes comme documents.",
    ),
    "too_large": (
        413,
        "This is larger than the 200 MB that can be dropped at once: use `souvenir ingest`.",
        "C'est plus gros que les 200 Mo que l'on peut déposer d'un coup : utilisez `souvenir ingest`.",
    ),
}
