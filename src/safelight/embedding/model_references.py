"""Models that a person names: an offer, a repository of the hub, or a name and tag of open_clip."""

from __future__ import annotations

from safelight.core.errors import ModelError
from safelight.embedding.offers import Offer, find_offer
from safelight.embedding.quiet import quiet_open_clip
from safelight.embedding.torchvision_fix import import_torchvision


def named(wanted: str) -> Offer:
    """What ``wanted`` stands for: the name of an offer, ``hf-hub:owner/name[@revision]``, or open_clip's
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
        hint = f"Its tags: {', '.join(tags)}." if tags else "Write NAME/TAG as open_clip lists them."
        raise ModelError(f"open_clip knows no “{wanted}”. {hint}")
    repo = str(known.get("hf_hub") or "").strip("/")
    if not repo:
        raise ModelError(
            f"open_clip's “{wanted}” is published as no safetensors file, and other weights are not loaded, "
            "since they can carry code. Choose another tag."
        )
    return find_offer(f"hf-hub:{repo}")
