"""The standard profile: the seed's simulation with its defects mended, vectorised over agents and seeds.

Source: section 13c of the sandbox specification. Every agent chooses on the state at the start of the step, so listing
order changes nothing; transfers move and settle; types are hidden; a latent truth lies behind what is observed.
"""
