"""Evidence: what the delivered bytes and the registers show. A closed union."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Literal

from scanner.model.credentials import Credentials, Meaning
from scanner.model.packages import Shown
from scanner.model.register import AssetRef


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredLabel:
    """A field in which a file declares AI (IPTC digital source type, IPTC 2025.1 AI properties and kin)."""

    kind: Literal["declared_label"] = "declared_label"
    field: str
    value: str
    meaning: Meaning
    tool: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorTag:
    """Settings or a work flow that an AI tool wrote into the file and that parses as that tool's."""

    kind: Literal["generator_tag"] = "generator_tag"
    tool: str
    field: str
    model: str | None = None
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """Something that had to be looked at and could not be, wholly or in part. Never a pass."""

    kind: Literal["unreadable"] = "unreadable"
    source: str
    reason: str
    partly: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Watermark:
    """An open watermark in the pixels of `frames` pictures that decodes; `bits_agreeing` of `bits` at the best."""

    kind: Literal["watermark"] = "watermark"
    scheme: str
    tool: str
    bits_agreeing: int
    bits: int
    frames: int = 1


class Named(StrEnum):
    """What bears a name."""

    FILE = "file"
    FOLDER = "folder"
    REEL = "reel"
    CLIP = "clip"
    SOURCE = "source"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A name inside a file: of a clip, reel or source. Says nothing by itself; it is looked up in the register.

    In a timeline: its name, the track, and from where to where on it, as timecode.
    """

    kind: Literal["mention"] = "mention"
    named: Named
    name: str
    timeline: str | None = None
    track: str | None = None
    record_in: str | None = None
    record_out: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a delivered provenance log states of one thing: the vendor's claim. `about`: a file or shot as written.

    `row`: where in the log; `ai_use`, `use`: its own words. `asset`: of the record that it names, where the register
    has that record, of this tool.
    """

    kind: Literal["statement"] = "statement"
    log: str
    about: str
    says_ai: bool
    row: str | None = None
    is_shot: bool = False
    ai_use: str | None = None
    use: str | None = None
    sha256: str | None = None
    tool: str | None = None
    record_id: str | None = None
    asset: AssetRef | None = None


Observation = Credentials | DeclaredLabel | GeneratorTag | Watermark | Mention | Statement | Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in a picture track: first frame and first frame after it, as exact seconds and as the file's timecode.

    `accuracy_frames`: the true ends lie at most this many frames off; of a dissolve, as far as it reaches. `shown`:
    where compositions show it, the first hundred; None where no composition was delivered.
    """

    seconds_in: Fraction
    seconds_out: Fraction
    timecode_in: str
    timecode_out: str
    accuracy_frames: int
    shown: tuple[Shown, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identical:
    """The very bytes of a registered asset."""

    kind: Literal["identical"] = "identical"
    asset: AssetRef
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAlike:
    """Frames that look like a registered asset, wholly or in part. `place` is None for a still.

    `distance`: differing bits of 256 at the best frame, None where only a part was recognised; `frames`: sampled frames
    that agree. `region` (x, y, width, height) and `polygon`: where the asset is seen, as shares of the delivered frame.
    `enclosed_distance`: differing bits of what a rectangle in the frame encloses, where it was recognised by that.
    `inliers`: pairs of features that agree on that place; `blocks_agreeing` of `blocks_compared` parts of the asset
    show the same there. `speed`: asset seconds a second, negative in reverse, 0 for a frame that is held, None where it
    cannot be told or changes (`speeds`, one after the other); `passes`: how often it was shown in a row. `floods`: it
    is seen in so many places that it may say nothing.
    """

    kind: Literal["look_alike"] = "look_alike"
    asset: AssetRef
    place: Place | None
    asset_seconds_in: Fraction
    asset_seconds_out: Fraction
    best_seconds: Fraction
    best_asset_seconds: Fraction
    frames: int
    distance: int | None
    quality: int
    region: tuple[float, float, float, float]
    transform: str
    polygon: tuple[tuple[float, float], ...] = ()
    inliers: int = 0
    blocks_agreeing: int = 0
    blocks_compared: int = 0
    covered: float = 0.0
    speed: float | None = 1.0
    speeds: tuple[float, ...] = ()
    passes: int = 1
    floods: bool = False
    enclosed_distance: int | None = None

    @property
    def alike(self) -> float:
        """How alike it is, 0 to 1: bits that agree, or blocks where only a part was recognised."""
        if self.distance is not None:
            return 1 - self.distance / 256
        enclosed = 0.0 if self.enclosed_distance is None else 1 - self.enclosed_distance / 256
        return max(enclosed, self.blocks_agreeing / self.blocks_compared if self.blocks_compared else 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A registered sound, heard alone or under others. `channel` as in `SoundMarks`; `place` is where it is heard.

    `votes`: landmarks of it that were heard in step; `score`: what they say against chance (see `match.hearing`).
    `speed`: asset seconds a second; `pitch`: semitones by which it is higher than registered. `floods`: it is heard in
    so many places that it may say nothing. `also`: other streams in which it is heard at that time, each with its best
    channel.
    """

    kind: Literal["heard"] = "heard"
    asset: AssetRef
    stream: int
    channel: str
    place: Place
    asset_seconds_in: Fraction
    asset_seconds_out: Fraction
    votes: int
    score: float
    speed: float = 1.0
    pitch: float = 0.0
    floods: bool = False
    also: tuple[tuple[int, str], ...] = ()

    @property
    def where(self) -> str:
        """The channels and the streams, in words; streams are counted from 1 there."""
        heard = ((self.stream, self.channel), *sorted(self.also))
        channels = ("the down-mix" if channel == "mix" else f"channel {channel}" for _, channel in heard)
        return " and ".join(
            f"{channel} of sound stream {stream + 1}" for channel, (stream, _) in zip(channels, heard, strict=True)
        )

    @property
    def changed(self) -> tuple[str, ...]:
        """How it was changed in speed and pitch, in words; nothing where it was not."""
        words = []
        if abs(self.speed - 1) >= 0.005:
            words.append(f"at {self.speed * 100:.1f} % of its speed")
        if abs(self.pitch) >= 0.1:
            words.append(f"{abs(self.pitch):.1f} semitones {'higher' if self.pitch > 0 else 'lower'}")
        return tuple(words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incomplete:
    """Parts that ought to be there and are not: missing frames of a sequence, files that went away."""

    kind: Literal["incomplete"] = "incomplete"
    missing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Altered:
    """A file that is not the one its manifest lists: another checksum, or another `size` in bytes.

    `recorded`: the manifest itself says that a check of the file failed, and no later one says that it did not.
    """

    kind: Literal["altered"] = "altered"
    file: str
    manifest: str
    algorithm: str
    expected: str
    found: str
    recorded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlisted:
    """A file that a manifest which lists everything does not list."""

    kind: Literal["unlisted"] = "unlisted"
    file: str
    manifest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stray:
    """A picture among the frames of an image sequence that is none of them."""

    kind: Literal["stray"] = "stray"
    file: str
    sequence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspectName:
    """A name as AI tools give it, or one that the register knows.

    `mention`: where inside the file it stands; `more`: the next places, the first few; `places`: in how many it is.
    """

    kind: Literal["suspect_name"] = "suspect_name"
    named: Named
    name: str
    why: str
    tool: str | None = None
    asset: AssetRef | None = None
    mention: Mention | None = None
    more: tuple[Mention, ...] = ()
    places: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """A delivered provenance log states one thing and the file shows another."""

    kind: Literal["contradiction"] = "contradiction"
    log: str
    stated: str
    shown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterOutOfReach:
    """The register could not be asked. Without it nothing can be cleared."""

    kind: Literal["register_out_of_reach"] = "register_out_of_reach"
    reason: str


Evidence = (
    Credentials
    | DeclaredLabel
    | GeneratorTag
    | Watermark
    | Mention
    | Statement
    | Unreadable
    | Identical
    | LookAlike
    | Heard
    | Incomplete
    | Altered
    | Unlisted
    | Stray
    | SuspectName
    | Contradiction
    | RegisterOutOfReach
)
