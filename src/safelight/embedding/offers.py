"""Models that can be downloaded: a curated list, and any other open_clip export on the model hub.

Accuracy figures are the authors' own: ImageNet zero-shot top 1, and COCO text→image recall at 1, in per cent.
This module imports neither torch nor anything that uses the network.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from safelight.core.errors import ModelError
from safelight.core.message import translatable

ENGLISH = translatable("English works best")
"""What is said of the languages of a model that was taught mostly in English."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A model on the hub."""

    name: str
    """Its name once it is installed."""
    title: str
    repo: str
    """``owner/name`` on the hub."""
    revision: str = "main"
    """The pinned commit, or ``main`` for the newest."""
    sha256: str | None = None
    """The checksum of the weights, where it is known here; otherwise the hub's checksum for the revision is
    used.
    """
    size_bytes: int | None = None
    """The approximate size of the weights: four bytes per parameter unless the hub's figure is known."""
    role: str = ""
    """One line that says whom it is for."""
    licence: str = ""
    """SPDX identifier; empty if only the model's card states it."""
    research_only: bool = False
    dim: int | None = None
    pixels: int | None = None
    """Side of the square input."""
    image_parameters: int | None = None
    """In millions. The cost of one photo grows with it and with the number of patches."""
    text_parameters: int | None = None
    """In millions, the token table included."""
    imagenet: float | None = None
    coco: float | None = None
    languages: str = ENGLISH
    architecture: tuple[str, str] | None = None
    """open_clip's name and tag."""
    work: float | None = None
    """Cost of one picture relative to the starter's, on a CPU (``packaging/bench/model_speed.py``)."""
    retired: bool = False
    """Better models of lower cost exist. It is listed only if it is installed or partly downloaded."""

    @property
    def page(self) -> str:
        """Web page of its publisher, with its description and licence."""
        return f"https://huggingface.co/{self.repo}"


_MANY_LANGUAGES = translatable("more than a hundred languages")

OFFERS: tuple[Offer, ...] = (
    Offer(
        name="siglip2-b-32-256",
        title="SigLIP 2 ViT-B/32 256",
        repo="timm/ViT-B-32-SigLIP2-256",
        size_bytes=1_507_000_000,
        role=translatable("The best first choice: many languages, and quick for its quality."),
        licence="Apache-2.0",
        dim=768,
        pixels=256,
        image_parameters=95,
        text_parameters=282,
        imagenet=74.0,
        coco=47.2,
        languages=_MANY_LANGUAGES,
        architecture=("ViT-B-32-SigLIP2-256", "webli"),
        work=8.5,
    ),
    Offer(
        name="vit-b-32-256",
        title="CLIP ViT-B/32 256 (DataComp)",
        repo="laion/CLIP-ViT-B-32-256x256-DataComp-s34B-b86K",
        revision="4afec35ffe57a943d569ff7ee888061830164da8",
        sha256="92c26d60d3200ed5ed040dff31a8d19f8140648da8007216c25744c478deef27",
        size_bytes=605_189_364,
        role=translatable("Half the download and memory of SigLIP 2, and as quick; English only."),
        licence="MIT",
        dim=512,
        pixels=256,
        image_parameters=88,
        text_parameters=63,
        imagenet=72.8,
        coco=39.9,
        architecture=("ViT-B-32-256", "datacomp_s34b_b86k"),
        work=8.0,
    ),
    Offer(
        name="pe-core-t",
        title="Perception Encoder Core T/16 384",
        repo="timm/PE-Core-T-16-384",
        revision="7fe539ed578ac49a1c2b4f946e4b0747704c825a",
        size_bytes=278_000_000,
        role=translatable("The smallest download, for computers with little memory or disk."),
        licence="Apache-2.0",
        dim=512,
        pixels=384,
        image_parameters=6,
        text_parameters=63,
        imagenet=62.1,
        coco=33.0,
        architecture=("PE-Core-T-16-384", "meta"),
        work=12.0,
    ),
    Offer(
        name="pe-core-s",
        title="Perception Encoder Core S/16 384",
        repo="timm/PE-Core-S-16-384",
        revision="3249a38eb1c432ec19231c6fe1774acb6a4e4efe",
        size_bytes=349_000_000,
        role=translatable("A small download that sees fine detail, but takes longer for each photo."),
        licence="Apache-2.0",
        dim=512,
        pixels=384,
        image_parameters=24,
        text_parameters=63,
        imagenet=72.7,
        coco=42.6,
        architecture=("PE-Core-S-16-384", "meta"),
        work=28.0,
    ),
    Offer(
        name="siglip2-b-16-256",
        title="SigLIP 2 ViT-B/16 256",
        repo="timm/ViT-B-16-SigLIP2-256",
        size_bytes=1_501_000_000,
        role=translatable(
            "Finds more than ViT-B/32, in many languages; for a fast processor or a graphics card."
        ),
        licence="Apache-2.0",
        dim=768,
        pixels=256,
        image_parameters=93,
        text_parameters=282,
        imagenet=79.1,
        coco=53.2,
        languages=_MANY_LANGUAGES,
        architecture=("ViT-B-16-SigLIP2-256", "webli"),
        work=26.0,
    ),
    Offer(
        name="pe-core-b",
        title="Perception Encoder Core B/16",
        repo="timm/PE-Core-B-16",
        revision="0038414f37721c5eafc1a5e0da802d291c909de3",
        size_bytes=1_790_000_000,
        role=translatable("Names things well in English; for a fast processor or a graphics card."),
        licence="Apache-2.0",
        dim=1024,
        pixels=224,
        image_parameters=94,
        text_parameters=354,
        imagenet=78.4,
        coco=50.9,
        architecture=("PE-Core-B-16", "meta"),
        work=24.0,
    ),
    Offer(
        name="siglip2-b-16-384",
        title="SigLIP 2 ViT-B/16 384",
        repo="timm/ViT-B-16-SigLIP2-384",
        size_bytes=1_502_000_000,
        role=translatable("Sees smaller things than the 256-pixel version; for a graphics card."),
        licence="Apache-2.0",
        dim=768,
        pixels=384,
        image_parameters=93,
        text_parameters=282,
        imagenet=80.6,
        coco=54.6,
        languages=_MANY_LANGUAGES,
        architecture=("ViT-B-16-SigLIP2-384", "webli"),
        work=60.0,
    ),
    Offer(
        name="pe-core-l",
        title="Perception Encoder Core L/14 336",
        repo="timm/PE-Core-L-14-336",
        revision="8eff41b3f687e50a323662c2dda5eb3588c6dd35",
        size_bytes=2_685_000_000,
        role=translatable("Finds the most in English; for a graphics card."),
        licence="Apache-2.0",
        dim=1024,
        pixels=336,
        image_parameters=317,
        text_parameters=354,
        imagenet=83.5,
        coco=57.1,
        architecture=("PE-Core-L-14-336", "meta"),
        work=200.0,
    ),
    Offer(
        name="siglip2-so400m-384",
        title="SigLIP 2 SO400M/16 384",
        repo="timm/ViT-SO400M-16-SigLIP2-384",
        size_bytes=4_544_000_000,
        role=translatable("Finds the most in many languages; for a graphics card."),
        licence="Apache-2.0",
        dim=1152,
        pixels=384,
        image_parameters=428,
        text_parameters=708,
        imagenet=84.1,
        coco=56.0,
        languages=_MANY_LANGUAGES,
        architecture=("ViT-SO400M-16-SigLIP2-384", "webli"),
        work=290.0,
    ),
    Offer(
        name="mobileclip2-s2",
        title="MobileCLIP2 S2",
        repo="timm/MobileCLIP2-S2-OpenCLIP",
        size_bytes=400_000_000,
        role=translatable("Fast for its quality. Its licence allows research only."),
        licence="apple-amlr",
        research_only=True,
        dim=512,
        pixels=256,
        image_parameters=36,
        text_parameters=63,
        imagenet=77.2,
        coco=48.8,
        architecture=("MobileCLIP2-S2", "dfndr2b"),
        work=15.0,
    ),
    Offer(
        name="vit-l-14",
        title="CLIP ViT-L/14 (DataComp XL)",
        repo="laion/CLIP-ViT-L-14-DataComp.XL-s13B-b90K",
        size_bytes=1_710_000_000,
        role=translatable("No longer offered: SigLIP 2 ViT-B/16 finds more at a third of the cost."),
        licence="MIT",
        dim=768,
        pixels=224,
        image_parameters=304,
        text_parameters=124,
        imagenet=79.2,
        coco=45.7,
        architecture=("ViT-L-14", "datacomp_xl_s13b_b90k"),
        work=88.0,
        retired=True,
    ),
)

_HUB = "hf-hub:"
_REPO = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_REVISION = re.compile(r"[A-Za-z0-9][\w./-]*")


def find_offer(wanted: str) -> Offer:
    """The offer called ``wanted``, or one built from ``hf-hub:owner/name[@revision]``.

    Raises ModelError for anything else.
    """
    for offer in OFFERS:
        if offer.name == wanted:
            return offer
    if wanted.startswith(_HUB):
        repo, _, revision = wanted.removeprefix(_HUB).partition("@")
        if _REPO.fullmatch(repo) and _REVISION.fullmatch(revision or "main"):
            name = repo.rpartition("/")[2].lower()
            return Offer(name=name, title=repo, repo=repo, revision=revision or "main")
        raise ModelError("“{name}” is not a model on the hub; write hf-hub:owner/name.", name=wanted)
    known = ", ".join(offer.name for offer in OFFERS if not offer.retired)
    raise ModelError(
        "No model called “{name}” is offered. There are: {known}; or hf-hub:owner/name.",
        name=wanted,
        known=known,
    )
