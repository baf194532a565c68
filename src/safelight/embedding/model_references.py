"""Finds a model by an offer's name, a repository on the hub, or open_clip's name and tag."""

from __future__ import annotations

from safelight.core.errors import ModelError
from safelight.embedding.offers import Offer, find_offer
from safelight.embedding.quiet import quiet_open_clip
from safelight.embedding.torchvision_fix import import_torchvision


def named(wanted: str) -> Offer:
    """The model that ``wanted`` names: the name of an offer, ``hf-hub:owner/name[@revision]``, or open_clip's
    ``NAME/TAG`` as ``open_clip.list_pretrained()`` gives it, e.g. ``ViT-B-16/datacomp_xl_s13b_b90k``.

    The last imports open_clip, which takes seconds. Raises ModelError.
    """
    name, slash, tag = wanted.partition("/")
    if wanted.startswith("hf-hub:") or not slash:
        return find_offer(wanted)
    with quiet_open_clip():
        import_torchvision()
        import open_clip

        known = open_clip.pretrained.get_pretrained_cfg(name, tag)
        tags = open_clip.pretrained.list_pretrained_tags_by_model(name)
    if not known:
        if tags:
            raise ModelError(
                "open_clip has no model “{name}”. Its tags: {tags}.", name=wanted, tags=", ".join(tags)
            )
        raise ModelError(
            "open_clip has no model “{name}”. Write NAME/TAG as open_clip lists them.", name=wanted
        )
    repo = str(known.get("hf_hub") or "").strip("/")
    if not repo:
        raise ModelError(
            "open_clip's “{name}” is not published as safetensors. Other formats are not loaded, because "
            "they can contain code. Choose another tag.",
            name=wanted,
        )
    return find_offer(f"hf-hub:{repo}")
