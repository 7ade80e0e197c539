"""Short texts of many kinds, and what each says."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Text:
    """A text with what a careful reader finds in it: all of it, and nothing else of these labels."""

    name: str
    lang: str
    text: str
    people: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()
    events: dict[str, str] = field(default_factory=dict)
    """Date by name."""
    work: tuple[tuple[str, str, str], ...] = ()
    """Person, organisation, role."""
    authors: tuple[str, ...] = ()
    title: str = "Notes"


TEXTS = (
    Text(
        "minutes",
        "en",
        "Minutes of the annual general meeting of 12 June 2025\n\nPresent: Nadia Farouk (chair), "
        "Owen Pritchard, "
        "Lucy Tran. Apologies: Gareth Moss.\n\nOwen Pritchard presented the accounts. Mrs Farouk "
        "thanked the volunteers.",
        people=("Nadia Farouk", "Owen Pritchard", "Lucy Tran", "Gareth Moss"),
        events={"annual general meeting": "2025-06-12"},
    ),
    Text(
        "compte rendu",
        "fr",
        "Compte rendu de la réunion du conseil d'administration du 8 septembre 2024\n\nPrésents "
        ": Hélène Morvan "
        "(présidente), Karim Benali, Zélie Kerbrat. Excusé : M. Thouvenin.\n\nMme Morvan ouvre "
        "la séance à 18 h.",
        people=("Hélène Morvan", "Karim Benali", "Zélie Kerbrat", "Thouvenin"),
        events={"réunion du conseil d'administration": "2024-09-08"},
    ),
    Text(
        "contract",
        "en",
        "This agreement is made on 3 February 2023 between Pinnacle Glassworks Ltd (the "
        '"Supplier"), represented by its '
        'sales director Maya Holt, and Eastfield Orchard Co-operative (the "Customer"). Pinnacle '
        "shall deliver monthly.",
        people=("Maya Holt",),
        organizations=("Pinnacle Glassworks Ltd", "Eastfield Orchard Co-operative"),
        work=(("Maya Holt", "Pinnacle Glassworks Ltd", "sales director"),),
    ),
    Text(
        "contrat",
        "fr",
        "Entre la société Lumitec SARL (ci-après « le Fournisseur »), représentée par son "
        "gérant, M. Paul Garnier, et "
        "l'association Les Amis du Canal, il est convenu ce qui suit. Lumitec livre chaque mois.",
        people=("Paul Garnier",),
        organizations=("Lumitec SARL", "Les Amis du Canal"),
        work=(("Paul Garnier", "Lumitec SARL", "gérant"),),
    ),
    Text(
        "history",
        "en",
        "Riverside Bakery was founded in 1994 by Joan Ellis. On 9 March 2003, a fire destroyed "
        "the ovens. The shop has "
        "grown since, and hundreds of people come every week.",
        people=("Joan Ellis",),
        organizations=("Riverside Bakery",),
        events={"Founding of Riverside Bakery": "1994", "fire": "2003-03-09"},
    ),
    Text(
        "histoire",
        "fr",
        "La coopérative a été fondée en 1988 par Yves Lamballe et Soizic Riou. L'incendie du 4 "
        "mai 1999 a tout détruit. "
        "En 2010, nous avons fêté le retour des adhérents.",
        people=("Yves Lamballe", "Soizic Riou"),
        events={
            "Fondation de la coopérative": "1988",
            "incendie": "1999-05-04",
            "nous avons fêté le retour des adhérents": "2010",
        },
    ),
    Text(
        "chronology",
        "fr",
        "2012 : ouverture de la boutique\n2016 : inondation du sous-sol\n2021 : déménagement rue des Lilas",
        events={
            "ouverture de la boutique": "2012",
            "inondation du sous-sol": "2016",
            "déménagement": "2021",
        },
    ),
    Text(
        "signature",
        "en",
        "Please call me if you have any question.\n\nKind regards,\nTobias Renn\nAccount "
        "manager\nNorthgate Paper Ltd",
        people=("Tobias Renn",),
        organizations=("Northgate Paper Ltd",),
        work=(("Tobias Renn", "Northgate Paper Ltd", "Account manager"),),
    ),
    Text(
        "report with an author",
        "en",
        "Cellar flooding report\nAuthor: Dagny Voss\nDate: 2 November 2022\n\nThe pump failed "
        "during the night. "
        "The insurer, Aviva, was told the next day by Ruth Adeyemi, treasurer.",
        people=("Dagny Voss", "Ruth Adeyemi"),
        organizations=("Aviva",),
        authors=("Dagny Voss",),
    ),
    Text(
        "rapport signé",
        "fr",
        "Rédigé par Fañch Quéméner, responsable de la sécurité\n\nUn contrôle des extincteurs a "
        "eu lieu le 14 octobre 2024. "
        "La mairie de Douarnenez a reçu une copie.",
        people=("Fañch Quéméner",),
        organizations=("mairie de Douarnenez",),
        events={"contrôle des extincteurs": "2024-10-14"},
        authors=("Fañch Quéméner",),
    ),
    Text(
        "roles around names",
        "en",
        "Our workshop manager Ines Carvalho trains the apprentices. Ask Bogdan Ilic, "
        "electrician, before you open the "
        "panel. The keys are with the caretaker, Mr Whitlock.",
        people=("Ines Carvalho", "Bogdan Ilic", "Whitlock"),
    ),
    Text(
        "rôles",
        "fr",
        "La trésorière, Maëlle Autret, tient la caisse. Adressez-vous à Goulven Bihan, "
        "mécanicien, pour les réparations. "
        "Le docteur Lenoir passe le mardi.",
        people=("Maëlle Autret", "Goulven Bihan"),
    ),
    Text(
        "employers",
        "en",
        "Petra Lindqvist works for Halden Robotics GmbH. We also met Femi Balogun from Clearwater Bank, and "
        "Ana Prieto, lecturer at the University of Leeds.",
        people=("Petra Lindqvist", "Femi Balogun", "Ana Prieto"),
        organizations=("Halden Robotics GmbH", "Clearwater Bank", "University of Leeds"),
        work=(
            ("Petra Lindqvist", "Halden Robotics GmbH", ""),
            ("Femi Balogun", "Clearwater Bank", ""),
            ("Ana Prieto", "University of Leeds", "lecturer"),
        ),
    ),
    Text(
        "employeurs",
        "fr",
        "Samia Rahal travaille chez Ostréa Conseil. Denis Prigent, ingénieur à l'Université de "
        "Bretagne Sud, et Lise "
        "Tanguy, de la Fondation Kerelys, sont venus.",
        people=("Samia Rahal", "Denis Prigent", "Lise Tanguy"),
        organizations=("Ostréa Conseil", "Université de Bretagne Sud", "Fondation Kerelys"),
        work=(
            ("Denis Prigent", "Université de Bretagne Sud", "ingénieur"),
            ("Lise Tanguy", "Fondation Kerelys", ""),
            ("Samia Rahal", "Ostréa Conseil", ""),
        ),
    ),
    Text(
        "streets are nobody",
        "fr",
        "Le local est au 12 rue Victor Hugo, près du lycée et de la place Jean Jaurès. Ouvert le "
        "lundi et le jeudi.",
    ),
    Text(
        "places are nobody",
        "en",
        "Take the train to Victoria Station, then walk along Charlotte Street to the Jordan "
        "River exhibition. "
        "The Northern Line is closed in August.",
    ),
    Text(
        "a policy",
        "en",
        "Employees claim expenses within 30 days. Taxis need approval. Receipts are kept for 6 years.",
    ),
    Text(
        "un règlement",
        "fr",
        "Chaque membre range ses outils. Le port des lunettes est obligatoire. Toute absence est "
        "signalée avant 9 h.",
    ),
    Text(
        "training and fair",
        "en",
        "First aid training on 17 May 2026 at the depot. We will also exhibit at the Leeds Cycle "
        "Fair in September 2026.",
        events={"First aid training": "2026-05-17", "Leeds Cycle Fair": "2026-09"},
    ),
    Text(
        "salon et formation",
        "fr",
        "Le Salon du Livre de Quimper aura lieu du 5 au 7 juin 2026. La formation aux gestes de "
        "secours est prévue le "
        "12 mars 2026.",
        events={"Salon du Livre de Quimper": "2026-06-05", "formation aux gestes de secours": "2026-03-12"},
    ),
    Text(
        "mail",
        "en",
        "Subject: Visit\nFrom: Colm Geraghty <colm.geraghty@example.org>\nTo: Ayesha Malik "
        "<ayesha.malik@example.org>\n\n"
        "Dear Ayesha, the audit of 21 January 2026 went well.",
        people=("Colm Geraghty", "Ayesha Malik"),
        events={"audit": "2026-01-21"},
        authors=("Colm Geraghty",),
    ),
    Text(
        "acronym",
        "en",
        "The Severn Flood Trust (SFT) paid half. In April the SFT also lent two pumps.",
        organizations=("Severn Flood Trust",),
    ),
    Text(
        "labels of a text",
        "fr",
        "Objet : commande de vis\nFournisseur : Quincaillerie Abgrall\nContact : Erwan Salaün\n",
        people=("Erwan Salaün",),
        organizations=("Quincaillerie Abgrall",),
        work=(("Erwan Salaün", "Quincaillerie Abgrall", ""),),
    ),
    Text(
        "institutions",
        "fr",
        "Le dossier est déposé à la Chambre de commerce et d'industrie de Brest, puis au Conseil "
        "régional de Bretagne. "
        "Le prêt vient du Crédit Mutuel.",
        organizations=(
            "Chambre de commerce et d'industrie de Brest",
            "Conseil régional de Bretagne",
            "Crédit Mutuel",
        ),
    ),
    Text(
        "speech in lines",
        "en",
        "Rosa: Shall we start?\nDaniel: Yes, the pump first.\nRosa: It leaks.\nDaniel: I know.",
        people=("Rosa", "Daniel"),
        authors=("Rosa", "Daniel"),
    ),
    Text(
        "a bank and an insurer",
        "en",
        "The loan is from Cotswold Mutual Bank. Our insurer Harlow Insurance covers theft. "
        "Prices rose by 4%.",
        organizations=("Cotswold Mutual Bank", "Harlow Insurance"),
    ),
    Text(
        "last names alone",
        "fr",
        "Claire Le Bihan dirige l'atelier. Depuis mars, Le Bihan et Mme Corre partagent la caisse.",
        people=("Claire Le Bihan", "Corre"),
    ),
    Text(
        "a recipe",
        "fr",
        "Préchauffez le four à 180 degrés. Mélangez la farine, le sucre et trois œufs. Servez "
        "froid avec du cidre.",
    ),
    Text(
        "dates that are no events",
        "en",
        "Prices are valid until 31 December 2026. The 2024 edition replaces that of 2019. "
        "Version 2.1 of 3 May 2025.",
    ),
    Text(
        "lists of people",
        "en",
        "The jury: Ewan Baird, Quillon Ashby and Tamsin Roe. It meets in private.",
        people=("Ewan Baird", "Quillon Ashby", "Tamsin Roe"),
    ),
    Text(
        "mixed languages",
        "fr",
        "Notre fournisseur anglais, Thornbury Castings Ltd, envoie Mr Desmond Pike le 9 juillet "
        "2026 pour la visite de "
        "l'usine. Réunion préparatoire le 2 juillet 2026.",
        people=("Desmond Pike",),
        organizations=("Thornbury Castings Ltd",),
        events={"Réunion préparatoire": "2026-07-02"},
    ),
)
