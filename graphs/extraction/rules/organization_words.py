"""Words of organisations: legal forms, institutions, trades, as parts of patterns."""

from typing import Final

FORMS: Final = (
    r"(?:Ltd\.?|Limited|LLP|LLC|L\.L\.C\.|Inc\.?|Corp\.?|Corporation|[Pp]lc|PLC|GmbH|KG|B\.?V\.|BV"
    r"|NV|S\.?A\.?S\.?U?"
    r"|S\.?A\.?R\.?L\.?|SARL|EURL|SCOP|Scop|SCIC|Scic|SNC|SCI|S\.p\.A\.|SpA|S\.r\.l\.|Srl|Oy|ApS"
    r"|A/S|Pty|SA|S\.A\."
    r"|et Associés|& Associés|and Associates|& Associates|& Partners|& Co\.?|& Sons|& Fils|et Fils"
    r"|& Cie|et Cie|Co-operative|Cooperative|Co-op|Coop|Coopérative|CIC|e\.V\.)"
)
HEADS_AFTER: Final = (
    "University|College|Council|Bank|Institute|Insurance|Assurances?|Foundation|Association"
    "|Federation|Society|Trust"
    "|Partners|Hospital|Press|Components|Industries|Technologies|Logistics|Holdings|Motors|Cycles"
    "|Bikes|Couriers|Freight"
    "|Robotics|Laboratories|Consulting|Airlines|Airways|Railways?|Police|Constabulary|Authority"
    "|Agency|Commission|Ministry"
    "|Museum|Academy|Charity|Club|Brewery|Bakery|Software|Transports?|Haulage"
    "|Fire (?:and Rescue )?Service|Fire Brigade"
    "|School|Company|Recycling|Mutual|Building Society|Distribution|Manufacturing|Engineering"
    "|Group|Groupe|Metals|Batteries"
    "|Cargo|Shipping|Couriers|Post|Union|Conseil|Électronique|Mobilités?|Énergies?|Mutuelle|Solidaire|Habitat"
)
WEAK_AFTER: Final = (
    "Systems|Services|Solutions|Energy|Power|Studio|Studios|Labs|Networks|Design|Tools|Supplies"
    "|Works|Electronics|Media"
)
HEADS_BEFORE: Final = (
    "Université|Ville|Mairie|Commune|Ministère|Banque|Crédit|Caisse|Institut|École|Lycée|Collège"
    "|Fondation|Fédération|Mutuelle"
    "|Coopérative|Syndicat|Agence|Office|Musée|Hôpital|CHU|Laboratoires?|Cabinet|Communauté"
    "|Région|Préfecture|Métropole"
    "|Tribunal|Union|Groupe|Compagnie|Société|Association|Ateliers?|Cycles|Transports|Éditions"
    "|Imprimerie|Librairie|Garage"
    "|Menuiserie|Assurances?|Établissements|Clinique|Pharmacie|Café|Restaurant|Hôtel|Auberge"
    "|Théâtre|Cinéma|Agglomération|Maison de retraite|Crèche|Résidence|Fleuriste|Maraîchers?"
    "|Coiffure|Serrurier|Traiteur|Primeurs|Vins|Caves?|Fermes?|Jardins|Pépinières?|Scieries?"
    "|Carrosserie|Autocars|Peintures|Tubes|Aciers|Bois|Métaux|Matériaux|Plastiques|Caoutchoucs"
    "|Verres|Pneus|Jantes|Freins|Roulements|Fournitures|Emballages|Papiers|Textiles|Cuirs|Bâches"
    "|Peaux|Électricité|Chauffage|Moteurs|Batteries|Vélos|Meubles|Pompes|Câbles|Trésor|Ets"
    "|Chambre|Collectif|Confédération|Réseau|Comité|Maison"
    "|University|Bank|Institute|Ministry|Department|Council|City|Royal|Academy|Society|Federation"
    "|Chamber|Office|College"
)
PUBLIC_BEFORE: Final = (
    r"(?:[Mm]inistère|[Uu]niversité|[Cc]onseil (?:départemental|régional|municipal)|[Cc]hambre"
    r"|[Mm]airie|[Pp]réfecture"
    r"|[Mm]étropole|[Cc]ommunauté (?:de communes|urbaine|d['’]agglomération)|[Dd]épartement of"
    r"|[Dd]irection (?:régionale|générale)"
    r"|[Tt]ribunal (?:de commerce|judiciaire|administratif)|[Rr]ectorat|[Oo]ffice de tourisme"
    r"|[Aa]cadémie|[Cc]our d['’]appel"
    r"|[Éé]cole (?:d['’]ingénieurs|de commerce|supérieure|nationale|normale|primaire|maternelle"
    r"|élémentaire|des? [a-z]+)|[Cc]linique"
    r"|[Bb]anque|[Cc]aisse|[Mm]utuelle|[Ff]ondation|[Cc]entre hospitalier"
    r"|[Ll]ycée(?: professionnel| général| technique| agricole)?|[Pp]ompiers|[Ss]apeurs-pompiers)"
)
NOUNS: Final = (
    r"(?:company|supplier|firm|insurer|carrier|manufacturer|bank|customer|client|contractor"
    r"|subcontractor|publisher|charity"
    r"|co-?operative|provider|vendor|distributor|landlord|auditors?|association|workshop|society"
    r"|start-?up|wholesaler|retailer|NGO"
    r"|société|entreprise|coopérative|mutuelle|banque|cabinet|agence|groupe|compagnie|éditions"
    r"|librairie|imprimerie"
    r"|laboratoire|tannerie|clinique|assureur|fournisseur|prestataire|sous-traitant|transporteur"
    r"|constructeur|fabricant|éditeur|cliente?|partenaire|banquier"
    r"|bailleur|loueur|distributeur|grossiste|syndicat|fédération|fondation|collectif|SARL|SAS"
    r"|SASU|SCOP|Scop|SCIC|EURL|SCI|GIE|ONG|SA)"
)
ROLE_TERM: Final = (
    "Supplier|Customer|Client|Buyer|Seller|Company|Contractor|Provider|Purchaser|Cooperative"
    "|Co-operative|Vendor|Licensor|Licensee"
    "|Landlord|Tenant|Employer|Insurer|Lender|Borrower|Party|Fournisseur|Prestataire|Acheteur"
    "|Vendeur|Société|Coopérative|Donneur"
    "|Titulaire|Maître|Employeur|Bailleur|Preneur|Assureur|Association|Transporteur"
)
KINDS: Final = (
    "company|(?:workers['’] |consumer |housing )?co-?operative|association|charity|firm|supplier"
    "|manufacturer|bank|foundation|university|organi[sz]ation|agency|insurer"
    "|retailer|distributor|publisher|start-?up|subsidiary|non-profit|NGO|wholesaler|carrier"
    "|société|coopérative|entreprise|fondation|université|organisation|SCOP|Scop|SCIC|SARL|SAS"
    "|mutuelle|banque|fabricant|fournisseur"
    "|assureur|filiale|start-up|PME|agence|ONG|transporteur|syndicat|fédération"
)
