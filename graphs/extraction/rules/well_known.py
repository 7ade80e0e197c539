"""Organisations that everybody knows, whose names hold no word for what they are; capitals count."""

import re
from typing import Final

_NAMES: Final = (
    "URSSAF|Urssaf|CNIL|INSEE|Insee|SNCF|RATP|EDF|Enedis|GRDF|Engie|La Poste|Chronopost|Colissimo"
    "|France Travail|Pôle emploi|ADEME|Ademe|AFNOR|Afnor|ANSSI|INRAE|CNRS|INSERM|Inserm|CPAM|CAF"
    "|BPI France|Bpifrance|MAIF|Maif|MACIF|Macif|MAAF|GMF|Matmut|AXA|Axa|Allianz|BNP Paribas"
    "|Société Générale|Crédit Agricole|Crédit Mutuel|Crédit coopératif|Crédit Coopératif|La Nef"
    "|Caisse d['’]Épargne|Banque Postale|Banque de France|Groupama|Generali|CGT|CFDT|SDIS|DREETS"
    "|DIRECCTE|DREAL|HMRC|NHS|BBC|HSE|Ofsted|Ofcom|Companies House|Royal Mail|Barclays|Lloyds|HSBC"
    "|NatWest|Santander|Nationwide|Aviva|Network Rail|National Grid|British Gas"
    "|British Standards Institution|UNESCO|Unesco|UNICEF|Unicef|NATO|WHO|OECD|OCDE|FIFA|UEFA|NASA|FBI"
    "|IMF|DHL|UPS|FedEx|TNT|Microsoft|Google|Apple Inc|Amazon|Facebook|IBM|Intel|Oracle|Samsung|Sony"
    "|Siemens|Bosch|Shimano|SRAM|Decathlon|Toyota|Volkswagen|Renault|Peugeot|Michelin|Airbus|Boeing"
    "|TotalEnergies|Carrefour|Leroy Merlin|IKEA|Ikea|PayPal|Visa Europe|Stripe|European Commission"
    "|European Union|United Nations|European Parliament|World Bank|World Health Organization|Red Cross"
    "|Croix-Rouge|Commission européenne|Union européenne|Parlement européen|Nations unies"
    "|Banque mondiale|Fonds monétaire international|OTAN|ONU|Emmaüs|Greenpeace|Amnesty International"
    "|Oxfam|TÜV"
)
WELL_KNOWN: Final = re.compile(rf"(?<![\w-])(?:{_NAMES})(?![\w-])")
"""Public bodies, carriers, banks, insurers and makers; UPS and WHO as acronyms, never as words."""
