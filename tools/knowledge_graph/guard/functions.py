"""The functions that a query may call: those that read the graph and values, and nothing else.

Left out on purpose: what reaches a file or the network (`file`, `linenumber`, `apoc.*`, `genai.*`,
`vector.*` …), names other graphs (`graph.byName` …) or belongs to one engine alone.
"""

from typing import Final

_NAMES: Final = (
    # Aggregates
    "avg collect count max min percentilecont percentiledisc stdev stdevp sum",
    # Predicates
    "all any exists isempty none single",
    # Nodes, relationships, paths
    "elementid endnode id keys labels length nodes properties relationships rels startnode type"
    " shortestpath allshortestpaths",
    # Lists and values
    "coalesce head last nullif range reduce reverse size tail valuetype",
    "toboolean tobooleanlist tobooleanornull tofloat tofloatlist tofloatornull tointeger tointegerlist"
    " tointegerornull tostring tostringlist tostringornull",
    # Text
    "btrim char_length character_length left lower ltrim normalize replace right rtrim"
    " split substring tolower toupper trim upper",
    # Numbers
    "abs ceil ceiling floor isnan rand randomuuid round sign",
    "e exp ln log log10 pi sqrt",
    "acos asin atan atan2 cos cosh cot coth degrees haversin radians sin sinh tan tanh",
    # Time
    "date date.realtime date.statement date.transaction date.truncate",
    "datetime datetime.fromepoch datetime.fromepochmillis datetime.realtime datetime.statement"
    " datetime.transaction datetime.truncate",
    "localdatetime localdatetime.realtime localdatetime.statement localdatetime.transaction"
    " localdatetime.truncate",
    "localtime localtime.realtime localtime.statement localtime.transaction localtime.truncate",
    "time time.realtime time.statement time.transaction time.truncate timestamp",
    "duration duration.between duration.indays duration.inmonths duration.inseconds",
    # Space
    "distance point point.distance point.withinbbox",
)
FUNCTIONS: Final = frozenset(name for names in _NAMES for name in names.split())
"""In lower case, as both engines look them up whatever their case."""
