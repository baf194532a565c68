"""Models named by hand."""

from __future__ import annotations

import pytest

from safelight.core.errors import ModelError
from safelight.embedding.model_references import named
from safelight.embedding.offers import OFFERS


def test_offers_and_repositories_are_known_by_name() -> None:
    assert named("siglip2-b-32-256") is OFFERS[0]
    offer = named("hf-hub:laion/CLIP-ViT-B-16-DataComp.XL-s13B-b90K@abc")
    assert (offer.repo, offer.revision) == ("laion/CLIP-ViT-B-16-DataComp.XL-s13B-b90K", "abc")


@pytest.mark.model
def test_a_name_and_tag_of_open_clip_lead_to_their_repository() -> None:
    offer = named("ViT-B-16/datacomp_xl_s13b_b90k")
    assert offer.repo == "laion/CLIP-ViT-B-16-DataComp.XL-s13B-b90K"
    assert offer.name == "clip-vit-b-16-datacomp.xl-s13b-b90k"
    for offered in OFFERS:
        assert offered.architecture is not None
        assert named("/".join(offered.architecture)).repo == offered.repo


@pytest.mark.model
@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("ViT-B-16/nonsense", "Its tags: .*datacomp_xl_s13b_b90k"),
        ("Nonsense/openai", "Write NAME/TAG"),
        ("nonsense", "There are: siglip2-b-32-256, vit-b-32-256"),
        ("hf-hub:nonsense", "hf-hub:owner/name"),
    ],
)
def test_what_is_not_known_is_reported(wanted: str, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        named(wanted)
