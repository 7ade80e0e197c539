"""Words that decide what a capitalised phrase may be: never a name, part of a place, a role."""

from typing import Final

_FUNCTION: Final = """
    a an the this that these those and or but nor so yet if then than when while where why how what who
    whose which as at by for from in into of off on onto out over per since to under until up upon with
    within without about above after again against all also although always any are be because been before
    being below between both can could did do does during each either every few had has have he her here
    hers him his i is it its just least less many may me might more most much must my neither no none not
    now only other our ours own same shall she should some such their them there they through thus too
    very was we were will would yes you your please dear hello hi thanks thank regards sincerely kind best
    however moreover therefore meanwhile today tomorrow yesterday once first second third last next new
    old one two three four five six seven eight nine ten according let see note le la les l un une des du
    de d au aux ce cet cette ces et ou mais donc or ni car si que qui quoi dont quand comme comment
    pourquoi combien dans sur sous avec sans pour par chez entre vers avant apres depuis pendant contre en
    y il elle on nous vous ils elles je tu me te se lui leur leurs mon ma mes ton ta tes son sa ses notre
    nos votre vos ne pas plus moins tres aussi bien tout toute tous toutes chaque quelque quelques
    plusieurs aucun aucune autre autres meme memes est sont etait etaient sera seront a ont avait ete etre
    avoir fait faire selon ainsi enfin ensuite puis alors cependant toutefois neanmoins lorsque parce
    puisque voici voila ici la-bas oui non merci bonjour bonsoir cordialement salutations cher chere chers
    cheres madame monsieur mesdames messieurs mademoiselle un deux trois quatre cinq six sept huit neuf
    dix premier premiere deuxieme dernier derniere nouveau nouvelle nouveaux aujourd hui demain hier
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july
    august september october november december lundi mardi mercredi jeudi vendredi samedi dimanche janvier
    fevrier mars avril mai juin juillet aout septembre octobre novembre decembre spring summer autumn
    winter printemps ete automne hiver q1 q2 q3 q4 mr mrs ms mme mlle dr pr
"""
FUNCTION: Final = frozenset(_FUNCTION.split())
"""Words that start sentences and are never a name's first word."""

_DOCUMENT: Final = """
    note notes total totals subject objet date dates page pages section chapter chapitre article articles
    annex annexe appendix table tableau figure summary resume introduction conclusion conclusions agenda
    minutes report rapport version draft question questions answer answers response attendees present
    presents absent absents excused excuses apologies action actions decision decisions resolution
    resolutions step etape name nom prenom address adresse phone telephone tel email mail courriel fax
    site web url reference ref number numero no price prix amount montant quantity quantite status statut
    place lieu time heure duration duree order commande commandes invoice facture contract contrat
    agreement convention product produit products produits service services item items model modele size
    taille colour couleur color stock parts piece pieces yes no oui non true false vrai faux none n/a tbd
    tbc paid paye unpaid pending delivered livre shipped open closed done en cours cancelled annule monday
    week semaine month mois year annee day jour january budget general other others divers autre autres
    various staff personnel team equipe members membres everyone introduction objectives objectifs context
    contexte background scope purpose terms conditions title titre source sources example exemple
    attention warning important tip conseil remarque remark policy politique procedure rules reglement
    guide handbook manual manuel project projet annual annuel internal interne supplier customer client
    fournisseur prestataire buyer seller party parties company signature signed organisateur organisateurs
    particulier particuliers individual individuals private misc miscellaneous personnel salaries clients
    customers fournisseurs suppliers everybody nobody unknown inconnu inconnue anonyme church house board
    cabinet women men family order state government parliament senate party eglise ordre etat comite
    conseil consommateurs gouvernement parlement senat parti famille femmes hommes public management
    bureau europe european france french english england uk usa london paris internet
"""
DOCUMENT: Final = frozenset(_DOCUMENT.split())
"""Words of headings, labels and cells: never part of a person's name."""

_PLACED: Final = """
    street st road rd avenue ave lane drive court square park bridge station airport river lake mount
    mountain hill valley island bay beach port harbour harbor city town county state district region
    village house hall tower building gallery stadium arena theatre cinema hotel inn school college
    university hospital church cathedral abbey museum library prize award cup trophy day week month act
    law theorem effect disease syndrome method test scale award awards show club united fc airlines line
    lines railway canal dam power energy solar electric electronics systems services group bank press ltd
    limited inc llc plc gmbh sarl sas scop scic sa co company corp corporation foundation trust institute
    society association union council party department ministry office agency authority commission
    committee team project product products components industries technologies solutions logistics
    partners holdings motors cycles bikes works workshop insurance records studios pictures entertainment
    games software
"""
PLACED: Final = frozenset(_PLACED.split())
"""Words after a name that make it something else: "Victoria Station", "Martin Components"."""

_NAMED_AFTER: Final = """
    rue avenue boulevard bd place quai impasse allee allees square chemin route pont gare station metro lycee
    college ecole hopital clinique stade salle prix coupe tour institut universite fondation musee theatre
    bibliotheque mediatheque port aeroport tunnel parc jardin saint sainte st ste san santa theoreme loi
    maladie syndrome methode street the hotel cafe residence cite espace centre maison fort mont lac batiment
    groupe societe cabinet entreprise editions
"""
NAMED_AFTER: Final = frozenset(_NAMED_AFTER.split())
"""Words before a person's name that make it the name of something else: « rue Victor Hugo »."""

_ROLES: Final = """
    treasurer president chair chairman chairwoman chairperson secretary director manager engineer head ceo
    cfo cto coo founder co-founder cofounder accountant lawyer solicitor barrister mechanic technician
    designer buyer coordinator co-ordinator officer inspector trainer consultant adviser advisor professor
    lecturer journalist editor developer analyst assistant apprentice intern supervisor foreman forewoman
    driver nurse doctor surgeon mayor minister councillor representative spokesperson spokesman
    spokeswoman owner administrator auditor bookkeeper receptionist welder electrician carpenter architect
    planner scientist researcher teacher librarian programmer operator salesperson salesman saleswoman
    storekeeper warden facilitator moderator caretaker curator chef baker fitter machinist purchaser lead
    leader expert specialist executive deputy trustee notary clerk tresorier tresoriere presidente
    vice-president vice-presidente secretaire directeur directrice gerant gerante responsable chef cheffe
    ingenieur ingenieure technicien technicienne mecanicien mecanicienne comptable avocat avocate notaire
    maire adjoint adjointe conseiller conseillere charge chargee coordinateur coordinatrice coordonnateur
    coordonnatrice animateur animatrice formateur formatrice fondateur fondatrice cofondateur cofondatrice
    administrateur administratrice commissaire expert experte redacteur redactrice journaliste architecte
    menuisier menuisiere vendeur vendeuse acheteur acheteuse commercial commerciale apprenti apprentie
    stagiaire salarie salariee delegue deleguee porte-parole juriste infirmier infirmiere medecin
    professeur professeure enseignant enseignante chercheur chercheuse ministre depute deputee magasinier
    magasiniere soudeur soudeuse electricien electricienne dirigeant dirigeante associe associee
    gestionnaire logisticien logisticienne preventeur preventrice inspecteur inspectrice controleur
    controleuse secretaire referent referente animateur consultant consultante assistante developpeur
    developpeuse concepteur conceptrice receptionniste chauffeur livreur livreuse pdg dg drh daf manageuse
    cadre employe employee ouvrier ouvriere agent agente conservateur conservatrice bibliothecaire
    mandataire representant representante
"""
ROLES: Final = frozenset(_ROLES.split())
"""What people are in an organisation, folded; a role of several words holds one of these."""
