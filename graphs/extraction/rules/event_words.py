"""Words for what takes place at a time, and the words around them that belong to its name."""

from typing import Final

ENGLISH_HEADS: Final = (
    "(?:general )?meeting|general assembly|assembly|AGM|EGM|conference|workshop"
    "|training(?: session| day| course)?|trade fair|fair"
    "|trade show|show|exhibition|inspection|audit|incident|accident|fire|flood|outage|breakdown"
    "|recall|inauguration"
    "|opening(?: ceremony| day)?|launch|delivery|festival|open (?:day|house)|strike|election|vote"
    "|call|kick-off|kickoff|review"
    "|interview|merger|acquisition|ceremony|wedding|concert|race|marathon|hackathon|webinar"
    "|seminar|hearing|trial|breach|theft"
    "|burglary|blackout|storm|earthquake|demonstration|evacuation|celebration|retreat|congress"
    "|summit|forum|symposium|visit|tour"
    "|gathering|rally|move|relocation|refurbishment|renovation|explosion|leak|spill|stocktake"
    "|stock-?take|drill|anniversary"
    "|signing|presentation|ride|jumble sale|sale|market|stocktaking|test ride|pilot|handover"
    "|freeze|trip|arrival|departure|retirement|appointment|call|session|course|tests?"
)
FRENCH_HEADS: Final = (
    "assemblée générale|assemblée(?! nationale)|AG|AGE|AGO|réunion|conférence"
    "|journées? portes ouvertes|portes ouvertes|journées?|formation|stage"
    "|salon|foire|inspection|audit|contrôle|visite|incident|accident|incendie|inondation|panne"
    "|rappel|inauguration|ouverture"
    "|lancement|livraison|festival|exposition|grève|élections?|vote|appel|entretien|fusion|rachat"
    "|déménagement|emménagement"
    "|cérémonie|mariage|anniversaire|concert|course|marathon|séminaire|webinaire|procès|vol"
    "|cambriolage|tempête|manifestation"
    "|signature|colloque|congrès|sommet|forum|rencontres?|fête|bourse(?: aux vélos"
    "| d['’]échange)?|randonnée|balade|vernissage"
    "|atelier|session|essais?|comité(?: de pilotage| technique| directeur)?"
    "|conseil d['’]administration|séance|soirée"
    "|kermesse|braderie|brocante|marché|inventaire|explosion|fuite|exercice(?: d['’]évacuation)"
    "|dépôt de bilan|restitution|recette"
    "|gel|crue|arrivées?|départs?|embauches?|recrutement|retraite|accidents?|enquête|prototypes?"
    "|mise en service|mise en production|remise des offres|point d['’]étape"
)
_NEVER_ALONE_TEXT: Final = """
    workshop market acquisition congress assembly call review visit tour move sale market session course
    tests test show fair vote move drill ride pilot deadline presentation delivery opening launch race
    leak trial strike interview retraite depart departs arrivee arrivees embauche embauches recrutement
    prototype prototypes enquete accidents arrival departure retirement appointment trip freeze handover
    appel entretien visite vol course stage vote bureau atelier point session essai essais journee
    journees rencontre rencontres controle marche signature seance recette restitution ouverture livraison
    contrôle
    """
NEVER_ALONE: Final = frozenset(_NEVER_ALONE_TEXT.split())
"""Too common to be an event's name on their own: they need a word more."""
