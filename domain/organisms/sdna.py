"""An organism's Social DNA as ad4m keeps the rules of a perspective: in two links (`perspectiveAddSdna`)."""

from domain.expressions import Link, text_literal_url

NAME = "SocialOrganism"
SELF = "ad4m://self"
HAS_CUSTOM_SDNA = "ad4m://has_custom_sdna"
SDNA = "ad4m://sdna"


def sdna_links(program: str) -> tuple[Link, Link]:
    """That there is a program of this name, and the program itself."""
    name = text_literal_url(NAME)
    return Link(SELF, name, HAS_CUSTOM_SDNA), Link(name, text_literal_url(program), SDNA)
