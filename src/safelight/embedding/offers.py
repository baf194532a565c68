"""Models that can be fetched: those that Safelight knows well, and any other open_clip export on the hub.

Accuracies are their authors' own: ImageNet zero-shot top 1, and COCO text→image recall at 1, in per cent.
No torch here, and no network.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.util import find_spec

from safelight.core.errors import ModelError


@dataclass(frozen=True, slots=True)
class Offer:
    """A model on the hub."""

    name: str
    """What it is called once installed."""
    title: str
    repo: str
    """``owner/name`` on the hub."""
    revision: str = "main"
    """A commit where it is pinned."""
    sha256: str | None = None
    """Of the weights where it is pinned; otherwise the hub's own checksum of that revision counts."""
    size_bytes: int | None = None
    """Of the weights, about; the hub says exactly."""
    role: str = ""
    """One line: whom it is for."""
    licence: str = ""
    """SPDX identifier, empty where only the model's card says it."""
    research_only: bool = False
    dim: int | None = None
    pixels: int | None = None
    """Side of the square that it sees."""
    image_parameters: int | None = None
    """Millions; what it costs to read one photo grows with these."""
    text_parameters: int | None = None
    imagenet: float | None = None
    coco: float | None = None
    languages: str = "English works best"
    architecture: tuple[str, str] | None = None
    """open_clip's name and tag."""
    extra: str | None = None
    """The optional extra of Safelight that it needs."""
    work: float | None = None
    """What one picture costs against the starter, measured on a CPU by ``packaging/bench/model_speed.py``."""

    @property
    def page(self) -> str:
        """Where its publisher describes it and its licence."""
        return f"https://huggingface.co/{self.repo}"

    @property
    def missing_extra(self) -> str:
        """The extra that it needs and that is not installed; else empty."""
        needed = self.extra is not None and find_spec(_PROOF_OF_EXTRA[self.extra]) is None
        return (self.extra or "") if needed else ""


_PROOF_OF_EXTRA = {"multilingual": "transformers"}
"""A package that each extra brings."""

OFFERS: tuple[Offer, ...] = (
    Offer(
        name="vit-b-32-256",
        title="CLIP ViT-B/32 256 (DataComp)",
        repo="laion/CLIP-ViT-B-32-256x256-DataComp-s34B-b86K",
        revision="4afec35ffe57a943d569ff7ee888061830164da8",
        sha256="92c26d60d3200ed5ed040dff31a8d19f8140648da8007216c25744c478deef27",
        size_bytes=605_189_364,
        role="The first full model to try: quick to search, good at everyday photos.",
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
        name="pe-core-s",
        title="Perception Encoder Core S/16 384",
        repo="timm/PE-Core-S-16-384",
        revision="3249a38eb1c432ec19231c6fe1774acb6a4e4efe",
        size_bytes=349_000_000,
        role="Half the size of the others; sees fine detail, but takes its time with each photo.",
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
        name="pe-core-b",
        title="Perception Encoder Core B/16",
        repo="timm/PE-Core-B-16",
        revision="0038414f37721c5eafc1a5e0da802d291c909de3",
        size_bytes=1_790_000_000,
        role="The best there is for a fast processor or a graphics card.",
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
        name="vit-l-14",
        title="CLIP ViT-L/14 (DataComp XL)",
        repo="laion/CLIP-ViT-L-14-DataComp.XL-s13B-b90K",
        size_bytes=1_710_000_000,
        role="Large and well tried; for a graphics card.",
        licence="MIT",
        dim=768,
        pixels=224,
        image_parameters=304,
        text_parameters=124,
        imagenet=79.2,
        coco=45.7,
        architecture=("ViT-L-14", "datacomp_xl_s13b_b90k"),
        work=88.0,
    ),
    Offer(
        name="siglip2-b-16-256",
        title="SigLIP 2 ViT-B/16 256",
        repo="timm/ViT-B-16-SigLIP2-256",
        size_bytes=1_500_000_000,
        role="Understands descriptions in many languages.",
        licence="Apache-2.0",
        dim=768,
        pixels=256,
        image_parameters=93,
        text_parameters=282,
        imagenet=79.1,
        coco=53.2,
        languages="more than a hundred languages",
        architecture=("ViT-B-16-SigLIP2-256", "webli"),
        work=26.0,
        extra="multilingual",
    ),
    Offer(
        name="mobileclip2-s2",
        title="MobileCLIP2 S2",
        repo="timm/MobileCLIP2-S2-OpenCLIP",
        size_bytes=400_000_000,
        role="Fast for its quality. Its licence allows research only.",
        licence="apple-amlr",
        research_only=True,
        dim=512,
        pixels=256,
        image_parameters=36,
        text_parameters=63,
        architecture=("MobileCLIP2-S2", "dfndr2b"),
        work=15.0,
    ),
)

_HUB = "hf-hub:"
_REPO = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_REVISION = re.compile(r"[A-Za-z0-9][\w./-]*")


def find_offer(wanted: str) -> Offer:
    """The offer called ``wanted``, or one made of ``hf-hub:owner/name[@revision]``.

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
        raise ModelError(f"“{wanted}” is no model on the hub; write hf-hub:owner/name.")
    known = ", ".join(offer.name for offer in OFFERS)
    raise ModelError(f"No model called “{wanted}” is known. Known: {known}; or hf-hub:owner/name.")
