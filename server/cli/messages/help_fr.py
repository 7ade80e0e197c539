"""What `--help` says, in French: the English text is the key, as it stands in the commands."""

from __future__ import annotations

from typing import Final

HELP_IN_FRENCH: Final[dict[str, str]] = {
    "A private assistant with a memory, on your own machine.": "Un assistant privé doté d’une mémoire, sur votre machine.",
    "Print the version.": "Afficher la version.",
    "Show this message and exit.": "Afficher ce message et sortir.",
    "Print one JSON document on stdout.": "Écrire un document JSON sur la sortie standard.",
    "The language of messages.": "La langue des messages.",
    "The conversation to continue.": "La conversation à continuer.",
    "The document's id.": "L’identifiant du document.",
    "The conversation's id.": "L’identifiant de la conversation.",
    "Start the server: the page, the playground and the API.": "Démarrer le serveur : la page, le bac à sable et l’API.",
    "The port to listen on.": "Le port d’écoute.",
    "A checkpoint of the thread: begin a new one with what it was then.": "Un point de reprise de la "
    "conversation : en commencer une autre avec ce qu'elle était alors.",
    "A checkpoint: show the conversation as it was then.": "Un point de reprise : montrer la conversation "
    "telle qu'elle était alors.",
    "Show a conversation, turn by turn, and its checkpoints.": "Montrer une conversation, tour par tour, et "
    "ses points de reprise.",
    "Ask the last question of the thread again.": "Reposer la dernière question de la conversation.",
    "Ask one question; the answer comes with its sources.": "Poser une question ; la réponse vient avec ses sources.",
    "What you want to know.": "Ce que vous voulez savoir.",
    "Talk with Souvenir; /quit or Ctrl-D ends the conversation.": "Converser ; /quit ou Ctrl-D termine la conversation.",
    "Read documents into memory. Safe to repeat, and to interrupt.": "Lire des documents. Peut être répété, et interrompu.",
    "Files and folders, read recursively.": "Des fichiers et des dossiers, lus récursivement.",
    "Stay, and take in what changes, until Ctrl-C. What is moved or deleted stays in memory: "
    "tidying up, or unplugging a drive, must not make Souvenir forget; the command to forget is shown. "
    "With --json, one document per batch, each on one line.": "Rester, et lire ce qui change, jusqu’à Ctrl-C. Ce qui est déplacé ou supprimé reste en mémoire : "
    "ranger, ou débrancher un disque, ne doit rien faire oublier à Souvenir ; la commande qui l’oublie est indiquée. "
    "Avec --json, un document par lot, chacun sur une ligne.",
    "With --watch, look every two seconds instead of waiting for the system's word: "
    "for network drives, and folders shared with a virtual machine.": "Avec --watch, regarder toutes les deux secondes au lieu d’attendre que le système prévienne : "
    "pour les lecteurs réseau et les dossiers partagés avec une machine virtuelle.",
    "Show what memory holds on a subject, with its scores.": "Montrer ce que la mémoire contient sur un sujet, avec les scores.",
    "What to look for.": "Ce qu’il faut chercher.",
    "How many passages at most.": "Combien de passages au plus.",
    "Check every part, and say what to do where one fails.": "Vérifier chaque partie, et dire quoi faire si l’une est en panne.",
    "Write the whole memory to one file.": "Écrire toute la mémoire dans un fichier.",
    "The file to write.": "Le fichier à écrire.",
    "Put a backup in place of the memory.": "Mettre une sauvegarde à la place de la mémoire.",
    "The backup to restore.": "La sauvegarde à restaurer.",
    "Replace the memory that is there; it is kept beside.": "Remplacer la mémoire présente ; elle est gardée à côté.",
    "The documents in memory.": "Les documents en mémoire.",
    "List the documents, and how far each is in the projections.": "Lister les documents, et où en est chacun.",
    "Show a document: what made it in, what is still pending, and why.": "Montrer un document : ce qui est en mémoire, ce qui attend encore, et pourquoi.",
    "Forget a document, everywhere and for good.": "Oublier un document, partout et pour toujours.",
    "Build the projections again from the archive.": "Refaire les projections à partir de l’archive.",
    "The conversations in memory.": "Les conversations en mémoire.",
    "List the conversations, the latest first.": "Lister les conversations, la dernière d’abord.",
    "Show a conversation, turn by turn.": "Montrer une conversation, tour par tour.",
    "Forget a conversation, everywhere and for good.": "Oublier une conversation, partout et pour toujours.",
    "Print a conversation as JSON messages, role and content.": "Écrire une conversation en messages JSON, rôle et contenu.",
    "Measure how well memory finds things.": "Mesurer si la mémoire trouve bien.",
    "JSON Lines, one document each.": "JSON Lines, un document par ligne.",
    "JSON Lines, one question each, with its gold document.": "JSON Lines, une question par ligne, avec son document.",
    "Write the ranking of each question to this file.": "Écrire le classement de chaque question dans ce fichier.",
    "Recall@1/5/10, MRR and latency, on a store of its own; your memory is left alone.": "Rappel@1/5/10, MRR et latence, sur une base à part ; votre mémoire n’est pas touchée.",
    "The models of the routes, and how they do.": "Les modèles des routes, et comment ils vont.",
    "How far back to look, in days.": "Jusqu’où remonter, en jours.",
    "List the models task by task: where each is, whether it is there, and how it did this week.": "Lister les modèles par tâche : où est chacun, s’il est là, et ce qu’il a fait cette semaine.",
    "Show what calls of models took and how they ended, by task and model.": "Montrer la durée et l’issue des appels, par tâche et par modèle.",
    "Models by name, such as llama3.2:3b; none: those of the routes.": "Des noms de modèles, comme llama3.2:3b ; aucun : ceux des routes.",
    "Fetch models through Ollama. Safe to repeat, and to interrupt.": "Faire venir des modèles par Ollama. Peut être répété, et interrompu.",
    "Tasks of the routes; none: all of them.": "Des tâches des routes ; aucune : toutes.",
    "Load the first model of each task, so that nobody waits for it.": "Charger le premier modèle de chaque tâche, pour que personne ne l’attende.",
    "Write the routes that follow from it to this file.": "Écrire dans ce fichier les routes qui en découlent.",
    "With --write, replace the file that is there.": "Avec --write, remplacer le fichier présent.",
    "Try out every model of the routes, and say what to change.": "Essayer chaque modèle des routes, et dire quoi changer.",
    "The knowledge graph: who, with whom, about what and when.": "Le graphe de connaissances : qui, avec qui, à quel sujet et quand.",
    "The name, or a part of it.": "Le nom, ou une partie.",
    "One query that only reads.": "Une requête qui ne fait que lire.",
    "What it is, if that is known.": "Ce que c’est, si on le sait.",
    "Print a Mermaid diagram instead.": "Écrire plutôt un diagramme Mermaid.",
    "Show what the graph is made of: for who writes a query, and to see how much there is.": "Montrer de quoi le graphe est fait : pour écrire une requête, et voir ce qu’il contient.",
    "Show somebody or something, and what it is tied to.": "Montrer quelqu’un ou quelque chose, et ce qui y est lié.",
    "Run one Cypher query, which can only read; `graph schema` tells what there is to ask for.": "Exécuter une requête Cypher, en lecture seule ; `graph schema` dit ce que l’on peut demander.",
}
