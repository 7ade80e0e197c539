// What the pages say, in English and French. Both hold the same keys.

const WORDS = {
  en: {
    headline: "Ask about your own documents and conversations.",
    lead: "Souvenir is a private assistant that remembers: it runs on this machine, answers with its sources, and nothing leaves it.",
    start: "Start a conversation",
    playground: "Chat",
    api: "API",
    api_lead: "Everything here answers on this machine only; openapi.json has the details for programs.",
    health: "Health",
    home: "Home",
    other_language: "Français",
    degraded_title: "What does not work right now",
    add_documents: "Add documents",
    drop_here: "Drop files or folders here",
    choose_files: "Choose files",
    choose_folder: "Choose a folder",
    formats: "Markdown, text, HTML, PDF, DOCX, XLSX, CSV, VTT and SRT, up to 200 MB at once.",
    documents: "Documents",
    no_documents: "None yet. Drop some above.",
    conversations: "Conversations",
    no_threads: "None yet.",
    read: "Read",
    read_named: (name) => `Read “${name}”`,
    forget: "Forget",
    forget_named: (name) => `Forget “${name}”`,
    forget_sure: (name) => `Forget “${name}” for good? Answers that drew on it will no longer show it.`,
    private: "Everything you see is stored in one folder on this machine.",
    terminal: "In a terminal: souvenir chat, souvenir ingest FOLDER, souvenir doctor.",
    stored: "stored",
    unchanged: "unchanged",
    updated: "updated",
    failed: "failed",
    reading: (done, total) => `Reading ${done} of ${total}…`,
    sending: (n) => `Sending ${n === 1 ? "1 file" : `${n} files`}…`,
    totals: (n) => `Done: ${n.stored} stored, ${n.updated} updated, ${n.unchanged} unchanged, ${n.failed} failed.`,
    cut_short: "Souvenir stopped answering. What it said was stored is stored; send the rest again.",
    pieces: (n) => (n === 1 ? "1 passage" : `${n} passages`),
    turns: (n) => (n === 1 ? "1 turn" : `${n} turns`),
    earlier: (n) => (n === 1 ? "Earlier in this conversation: 1 turn" : `Earlier in this conversation: ${n} turns`),
    new_thread: "New conversation",
    transcript: "Transcript",
    continue: "Continue this conversation",
    sources: "Sources",
    without: (missing) => `Without ${missing}`,
    from_memory: "from memory",
  },
  fr: {
    headline: "Interrogez vos propres documents et conversations.",
    lead: "Souvenir est un assistant privé qui se souvient : il tourne sur cette machine, répond avec ses sources, et rien n'en sort.",
    start: "Commencer une conversation",
    playground: "Discuter",
    api: "API",
    api_lead: "Tout ceci ne répond que sur cette machine ; openapi.json a les détails pour les programmes.",
    health: "État",
    home: "Accueil",
    other_language: "English",
    degraded_title: "Ce qui ne marche pas en ce moment",
    add_documents: "Ajouter des documents",
    drop_here: "Déposez ici des fichiers ou des dossiers",
    choose_files: "Choisir des fichiers",
    choose_folder: "Choisir un dossier",
    formats: "Markdown, texte, HTML, PDF, DOCX, XLSX, CSV, VTT et SRT, 200 Mo au plus à la fois.",
    documents: "Documents",
    no_documents: "Aucun pour l'instant. Déposez-en ci-dessus.",
    conversations: "Conversations",
    no_threads: "Aucune pour l'instant.",
    read: "Lire",
    read_named: (name) => `Lire « ${name} »`,
    forget: "Oublier",
    forget_named: (name) => `Oublier « ${name} »`,
    forget_sure: (name) => `Oublier « ${name} » pour de bon ? Les réponses qui s'en servaient ne le montreront plus.`,
    private: "Tout ce que vous voyez est rangé dans un seul dossier de cette machine.",
    terminal: "Dans un terminal : souvenir chat, souvenir ingest DOSSIER, souvenir doctor.",
    stored: "enregistré",
    unchanged: "inchangé",
    updated: "mis à jour",
    failed: "échec",
    reading: (done, total) => `Lecture : ${done} sur ${total}…`,
    sending: (n) => `Envoi de ${n === 1 ? "1 fichier" : `${n} fichiers`}…`,
    totals: (n) => `Terminé : ${n.stored} enregistrés, ${n.updated} mis à jour, ${n.unchanged} inchangés, ${n.failed} en échec.`,
    cut_short: "Souvenir ne répond plus. Ce qu'il a dit enregistré l'est ; envoyez le reste à nouveau.",
    pieces: (n) => (n === 1 ? "1 passage" : `${n} passages`),
    turns: (n) => (n === 1 ? "1 échange" : `${n} échanges`),
    earlier: (n) => (n === 1 ? "Plus tôt dans cette conversation : 1 échange" : `Plus tôt dans cette conversation : ${n} échanges`),
    new_thread: "Nouvelle conversation",
    transcript: "Transcription",
    continue: "Reprendre cette conversation",
    sources: "Sources",
    without: (missing) => `Sans ${missing}`,
    from_memory: "de mémoire",
  },
};

export const lang = document.documentElement.lang === "fr" ? "fr" : "en";
export const words = WORDS[lang];

/** Put the page's words where it asks for them. */
export function speak() {
  for (const element of document.querySelectorAll("[data-t]")) {
    element.textContent = words[element.dataset.t];
  }
}

/** A date and time as people of this language write it. */
export function moment(iso) {
  return new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));
}
