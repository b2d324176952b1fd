"""First and last names that are also words, English and German: written small, they are taken for the word.

Only names of four letters and more are asked about; accents are left out.
"""

_WORDS = """
able adler alba alle ally amber angel april archer arrow aster august aurora autumn bach baker ball bang bank banks
barber bass bauer beach bean bell bent berg berry best bill bird bishop black blake blank blessing bliss block bloom
blue bold bolt bond book booth bowman branch brand braun bridge bridges brook brooks brown buck bull burns burr bush
butcher butler caller candy cannon carol carpenter carter case cash castle chamber chambers chance charity chase
cherry chief chin christian church clarity clay clear clever cliff close coal come comfort constant cook cooper cope
coral core cotton court cover crane cricket crisp cross crow crown crystal curry daily dale data dawn deal dean deep
dent diamond dick ding dollar dolly done dove downs drake draper drew drop drummer duke dusty early east easter eden
edge elder else ember emerald english ernst even ever fairy faith falcon fall fang farmer fast feld fern field fields
finch fine first fisher fleet flint flood flow ford forest forester fortune foster fountain fowler frank free freed
freeman french frost full fuller gardener garland gates gift ginger glass glover gold golden good gore grace grand
grant grave graves gray great green grey grief gross ground grove guest guide gunner hacker hall hammer hand hang
happy harbor hard harmony harper hase haven hawk hazel head heart heaven heavens held herb herr high hill hills
holiday holly honey hong hood hook hope horn horne house hung hunt hunter india iris ivory jacket jade jasmine jasper
jewel jobs jolly journey joyce judge judges juli july june jung juni junior just justice kaiser kale keen keep keys
kind king kings klein knight knot kraft kurz lake lamb lance land lane lang large last late lawless lead leaf left
level liberty light lily line ling link lion list little live lock lodge long lord lorry lose lost lotus love lovely
lucky made major mann manner manning marble march mariner mark marks markt marsh marshal mason master masters mauve
maxim mayor mead mean means melody mercy miles mill miller mills mind mine minor mint miss mister mitten monday moon
moor moral more morgen moss mountain move much nail near neat need neon never next nice nickel noble norm norman north
note novel nurse oasis ocean olive only opal open orange order otter outlaw over pace pack packer page pain paint
painter palm palmer pane paris parish park parks part pass past patch patience peace peacock peak pearl penny pepper
perfect petit petty pick pickle pierce pike pine piper place plain plan plant play plug point pole polite pollen pond
pong pool poor pope poppy port porter post potter pound powder power powers precious price priest prime prince prior
prize proper pull push quick quiet quill rain ranger rank rate raven read reader ready real rebel reed reeve regent
reich reiter remote rene rest rice rich richter rider right ring rise ritter river rivers road robin robot rock rocky
roll roman root rose round royal ruby rule rush rust rusty sage sailor salt same sand sandy sane sang santa sauer
savage save sawyer saxon scharf schneider schreiber schwarz seal seek send service settle severe shade sharp shaw
shepherd shine ship shirt shore short sierra silver simple singer skip slack slate slow small smart smith snow soft
sole solid some sommer song soon sound sparks spear speed spring stamp stamps star stark steel stein stern still stock
stone storm story stout strand street strong sturm sugar summer summers sunday sung sunny swan sweet swift swords tack
tall tang tell teller temple test thin thorn tiger tight tile till timber tipper tong topper tore tower towers town
trace tracy trade treasure treat tree trend trinity true trust turn turner urban urgent vale valley vault victor
victory vine viola violet virgin vista vogel wagoner wald walker wall walls ward warden ware warner water waters watt
weaver weeks weiss well wells west wheat wheeler white wide wiese wild wilder will wills wing winter winters wise wish
wolf wood woods word work workman worth wright yang yard year young zeit zimmer
"""
WORDS = frozenset(_WORDS.split())
