"""Frequent first names of French and English, folded: a name that starts with one is most likely a person's.

Names that are words or months too (Will, May, Joy, Faith) are not here: they need another cue.
"""

from typing import Final

_FRENCH: Final = """
    adele adeline adrien agathe agnes ahmed alain alban alexandra alexandre alexis alice aline alix
    amandine amelie amine amina anais andre andree anne annick annie anouk anthony antoine antoinette
    ariane armelle arnaud arthur astrid aude audrey aurelie aurelien axel baptiste barbara bastien
    beatrice benedicte benjamin benoit bernadette bernard bertrand bilal boris brahim brice brigitte bruno
    camille capucine carine carole caroline cassandra catherine cecile cedric celia celine chantal charles
    charline charlotte chloe christelle christian christiane christine christophe claude claudette claudie
    claudine claudia clea clemence clement clementine colette colin coralie coraline corentin corinne
    cyril cyrille damien daniel daniele danielle david deborah delphine denis denise didier diane
    dominique dorothee dylan edith edmond edouard elena eleonore elias eliane elisa elisabeth elise elodie
    eloise elsa emeline emile emilie emilien emma emmanuel emmanuelle enzo eric erwan estelle esteban
    etienne eugene eugenie eva evelyne fabien fabienne fabrice fanny farid fatima fatou fatoumata felix
    fernand ferdinand flavie flora florent florian francis franck francois francoise frederic frederique
    gabin gabriel gabrielle gaelle gael gaetan gaspard gaston genevieve geoffrey georges georgette gerald
    gerard germaine gilbert gilles ginette gisele gregoire gregory guillaume guy gwenaelle gwendal gwenael
    habib hamid hassan helene henri henriette herve hubert hugo hugues huguette ibrahim ines irene
    isabelle ismael jacqueline jacques jamel jean jeanine jeanne jeannine jerome jeremie jeremy joel
    joelle johanna jonathan jordan josephine josette josiane josselin joris judith jules julia julie
    julien juliette justine karim karima karine katia kelly kevin khadija laetitia laura laure laurence
    laurent lea leila leo leon leonie leopold lena leslie lilian liliane lina lionel lisa loic lola louis
    louise louison luc lucas lucette lucie lucien lucienne lucile ludivine ludovic lydia lydie mael maelle
    madeleine magali mahmoud malik malika mamadou manon manuel marc marcel marcelle margaux margot maria
    marie mariam marianne marielle marina mario marion marius marjorie marlene martial martin martine
    maryse maryline mathias mathieu mathilde mathis matthieu maud maurice max maxence maxime mehdi melanie
    melina melissa melissandre michael michel michele micheline mickael mireille mohamed mohammed monique
    morgane moussa mourad muriel myriam nabil nadege nadia nadine nael nathalie nathan nicolas nicole nina
    noe noemie nolwenn nora norbert odette odile oceane olga olivia olivier omar oscar ousmane pascale
    patrice patricia patrick paul paule paulette pauline perrine philippe pierre pierrick quentin rachel
    rachid raoul raphael raphaelle raymond raymonde rebecca regine regis remi remy renaud rene renee
    richard robert roberte roger roland rolande romain romane romuald ronan rosalie roxane sabine sabrina
    sacha said salima salome samia samir samuel samira sandra sandrine sara sarah sebastien segolene selma
    serge severine simon simone slimane sofia soizic solange solene sonia sophie soraya stanislas stephane
    stephanie steve suzanne sylvain sylvaine sylvette sylvia sylviane sylvie tanguy tatiana theo theodore
    therese thibault thibaut thierry thomas tiphaine timothee titouan tristan ugo ulysse valentin
    valentine valerie vanessa veronique victor victorine vincent virginie vivien idriss idris driss younes
    ilyes ilan sofiane reda hakim nassim rayan adil anis hicham jalil kamel larbi mounir nadir salah tarek
    yassine zakaria zohra leyla hanane naoual hortense lison apolline hermine gaetane honorine philomene
    toussaint-louis elouan hadrien gauthier enguerrand tugdual malo corentine marceau leontine ombeline
    prisca lise soizig goulven fanch ronan erell nina elie madenn ewen gwenola rozenn enora katell anne
    aurore bram claire colombe constance marguerite pascal noel violette maya naima nour assia viviane
    walid wassim xavier yacine yann yannick yanis yasmina yasmine yohan yoann youssef yvan yves yvette
    yvon yvonne zacharie zoe
"""
_ENGLISH: Final = """
    aaron abigail abdul adam aidan aisha alan albert alec alex alexander alfie alfred ali alicia alison
    alistair allison amanda amelia amy ana andrea andrew andy angela angus anita ann anna annabel annette
    anthony antonio archie arjun arnold ashley audrey barry beatrice ben benjamin bernard beth bethany
    betty beverley bhavna bob bobby brandon brenda brendan brian bridget bronwyn bruce bryan caitlin
    callum calum cameron carl carla carlos carmen carol caroline carolyn cathy catherine ceri chantelle
    charles charlie charlotte chloe chris christina christine christopher clara clive colin connor conor
    craig cynthia daisy daniel daniela danny daria darren dave david dawn deborah debbie declan denise
    dennis derek diana diego dominic donald donna dorothy doug douglas duncan dylan eddie edith edward
    edwin eileen elaine eleanor elena elijah elizabeth ella ellen ellie elliot emily emma eric erica erin
    ethan eva evan eve evelyn ewan felicity fergus fernando finlay finn fiona frances francesca fred
    freddie frederick freya gareth gary gavin geoff geoffrey george georgia georgina gerald geraldine
    giles gillian gina glen glenn gloria gordon graham greg gregory gwen hamish hannah harriet harry
    harvey hassan hazel heather hector helen henry hilary holly howard hugh hussein ian imogen imran
    ingrid irene isaac isabel isabella isla isobel ivan jackie jacob jade jake james jamie jan jane janet
    janice jared jason javier jay jean jeff jeffrey jennifer jenny jeremy jerry jess jessica jill jim
    jimmy jo joan joanna joanne jodie joe joel john johnny jon jonathan jordan jorge jose joseph josh
    joshua joyce juan judith judy julia julian juliet june karen kate katherine kathleen kathryn kathy
    katie kayleigh keith kelly ken kenneth kerry kevin kieran kim kirsty kumar kyle lara larry laura
    lauren laurence leah lee leila leo leonard lesley leslie lewis liam lilian linda lindsay lisa liz
    logan lorna lorraine louis louise lucas lucy luis luke lydia lynn lynne maggie malcolm mandy marcia
    marcus margaret maria marian marilyn marianne marie mario marjorie martha martin martina mary mateo
    matt matthew maureen maurice max maxine megan mehmet melanie melissa meera mia michael michelle miguel
    mike miranda miriam mitchell mohammad mohammed moira mollie molly monica morgan muhammad nadia nancy
    naomi natalie natasha nathan neil niall nicholas nick nicola nicole nigel nikhil nina noah nora norma
    norman oliver olivia olu omar oscar osman owen pablo pamela patricia patrick patsy paul paula pauline
    pedro peggy penelope penny pete peter petra phil philip phillip phoebe phyllis polly priya rachel
    rahul raj rajesh ralph ravi raymond rebecca reginald rhiannon rhys ricardo richard rita robert roberta
    roberto roger roland ronald ronnie rory rosemary rosie ross roy rupert russell ruth ryan sabrina sally
    sam samantha samir samuel sandra sanjay sara sarah sean sebastian seth shannon sharon shaun sheila
    shirley sian sidney simon sofia sonia sophia sophie stacey stanley stella stephanie stephen steve
    steven stewart stuart susan susanna susie suzanne sylvia tamara tanya tara tariq ted teresa terence
    terry theo theodore theresa thomas tim timothy tina toby todd tom tomas tommy toni tony tracey tracy
    trevor tristan tyler ursula valerie vanessa vera veronica vicky victor vikram vincent vivian walter
    wanda warren wayne wendy wesley wilfred william winston yasmin yusuf yvonne zachary zara zoe alberto
    alejandro anders andreas anita antonia bjorn carlo chiara dieter dmitri eduardo emilio enrique fabio
    francesco franz friedrich fritz giorgia giorgio giovanni giulia giuseppe greta gunther gustav hans
    heinrich helga henrik ines ingmar ingo jan jens joao johann johannes jorg julio jurgen karl katarina
    katja klaus kurt lars lorenzo lothar luca ludwig luigi magnus manfred marco mariana marek marta matteo
    mikael nadja nils olaf ole paolo piotr rafael ramon rosa santiago sergei sergio silvia stefan sven
    svetlana tomasz ulrich uwe valentina vittorio vladimir werner wilhelm wolfgang siobhan niamh aoife
    sinead ciaran cillian oisin roisin eoin padraig orla fionn deirdre maeve eilidh morag catriona
    angharad carys dafydd emrys gethin llyr nerys rhodri sioned dylan gwyneth idwal iolo bill bram drew
    frank grace holly iris jack lily mark ray rob rose ruby saskia maarten pieter willem amadou amara
    aminata awa chinedu chen chidi divya deepak efua emeka fatma femi hiroshi jia joon kavita keiko kenji
    kofi kwame lakshmi leyla mei mustafa ngozi nisha nneka obi olga rania rohan sanaa sunita takashi tunde
    wei xin yuki yuna zainab zeynep
"""
FIRST_NAMES: Final = frozenset((_FRENCH + _ENGLISH).split()) - {
    "june",
    "dawn",
    "jan",
    "daisy",
    "wei",
    "said",
    "axel",
    "mina",
}
"""Folded, one word each; of "Jean-Luc" both parts are here."""
