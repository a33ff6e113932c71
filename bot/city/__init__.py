"""A whole city to try the desk with: its units, its people and a season of cases, all made up from one seed.

Pure but for `showing`: the same seed, the same last moment and the same counts give the same city, row by row. A
case's life is made of the very functions that the desk and the turns use (`wishes.decide`, `acts.apply_act`,
`expand`), so that whatever the rules allow, and nothing else, has happened in it.
"""
