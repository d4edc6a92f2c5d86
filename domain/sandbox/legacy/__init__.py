"""The legacy profile: the seed's simulation as it was, defects included, to the last bit of every number.

It exists to be compared with: what the original measured can be measured again. Source: sections 5 to 8, 13 and 13b of
the sandbox specification. Everything new is in the standard profile.
"""
