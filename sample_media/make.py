"""Makes the sample media: `python sample_media/make.py [--out DIR]`. What a scanner must say of them: expected.toml.

Everything is rendered here from seeded noise; nothing is fetched, and no picture was made by a generative model.
"""

import argparse
import tempfile
from fractions import Fraction
from pathlib import Path

import city
import heavens
import labels
import land
import media
import nature
import painting
import shots
import signing
import sound
from media import AAC, DNXHR, PCM, PRORES, Format, Frame, h264
from noise import Picture, Size, bytes_of
from PIL import Image

HOUR_ONE, HOUR_TEN = "01:00:00:00", "10:00:00:00"
WIDE, SMALL, STILL, PLATE = (640, 360), (480, 270), (480, 270), (192, 108)
CLIP = Fraction(24)

VIOLET = ((0.0, (0.01, 0.01, 0.04)), (0.3, (0.18, 0.05, 0.25)), (0.6, (0.80, 0.25, 0.35)), (0.85, (1.0, 0.80, 0.60)))
GREEN = ((0.0, (0.0, 0.02, 0.02)), (0.3, (0.02, 0.20, 0.16)), (0.6, (0.25, 0.65, 0.30)), (0.85, (0.95, 0.95, 0.60)))


def main() -> None:
    """Make everything below the given folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder to write to (default: here)")
    out = parser.parse_args().out
    register, deliveries = out / "register", out / "deliveries"
    for folder in (register, deliveries, out / "trust"):
        folder.mkdir(parents=True, exist_ok=True)
    make_register(register)
    make_clean(deliveries)
    make_reels(register, deliveries)
    make_disguised(register, deliveries)
    make_labelled(deliveries)
    make_signed(deliveries, out / "trust")
    make_damaged(deliveries)
    show(out)


def make_register(folder: Path) -> None:
    """What the production's own AI tools are said to have made. Without labels: it can only be found by its looks."""
    labels.save_png(folder / "harbour_concept.png", image(city.harbour((1280, 720))))
    labels.save_jpeg(folder / "poster_key_art.jpg", image(painting.key_art((1280, 720))), quality=88)
    dunes = land.dunes()
    camera = land.stand(dunes, (220, 300), above=45, heading=0.2)
    labels.save_png(folder / "desert_plate.png", image(land.view(dunes, camera, (960, 540))))
    clip = Format(rate=CLIP, picture=h264(22))
    media.write_clip(folder / "storm_flyover.mp4", shots.storm_flyover(WIDE, 72), clip)
    media.write_clip(folder / "neon_street.mp4", shots.neon_street(WIDE, 48), clip)
    smoke = folder / "smoke_element"
    smoke.mkdir(exist_ok=True)
    for number, frame in enumerate(shots.smoke((320, 180), 24), start=1):
        labels.save_png(smoke / f"smoke.{number:04d}.png", Image.fromarray(frame))
    sound.write_wav(folder / "scratch_voice.wav", sound.voice("the harbour lights are out again tonight", 2.0, seed=7))


def make_clean(folder: Path) -> None:
    """Deliveries with nothing in them to find."""
    scene = shots.lake(SMALL, 20) + shots.beach(SMALL, 16) + shots.wood(SMALL, 12)
    prores = Format(timecode=HOUR_ONE, picture={**PRORES, "q:v": 9}, sound=PCM)
    media.write_clip(folder / "clean_scene.mov", scene, prores, sound.score(2.5, seed=1))
    media.write_exr(folder / "clean_plate", [frame / 255 for frame in shots.canyon(PLATE, 24)])
    beach = image(nature.beach(STILL))
    labels.save_png(folder / "mislabelled.jpg", beach)


def make_reels(register: Path, folder: Path) -> None:
    """Cuts in which registered material stands as it was made."""
    storm, neon = media.read_frames(register / "storm_flyover.mp4"), media.read_frames(register / "neon_street.mp4")
    key_art = media.scaled(media.read_still(register / "poster_key_art.jpg"), WIDE)
    cut = shots.walk_in_hall(WIDE, 30) + storm[18:54] + shots.beach(WIDE, 24)
    reel = Format(rate=CLIP, timecode=HOUR_ONE, picture=h264(20), sound=AAC)
    media.write_clip(folder / "temp_in_final.mov", cut, reel, sound.score(4, seed=2))
    titles = shots.sea(WIDE, 20) + shots.held(key_art, 30) + shots.pebbles(WIDE, 20)
    media.write_clip(folder / "approved_titles.mov", titles, Format(timecode=HOUR_ONE, picture=h264(23)))
    smoke = [media.scaled(media.read_still(path), SMALL) for path in sorted((register / "smoke_element").iterdir())]
    wip = shots.pebbles(SMALL, 18) + [media.scaled(frame, SMALL) for frame in neon[12:36]] + smoke
    media.write_clip(folder / "wip_reel.mov", wip, Format(timecode=HOUR_ONE, picture=h264(22)))
    voice = sound.read_wav(register / "scratch_voice.wav")
    media.write_sound(folder / "final_mix.m4a", sound.laid_over(sound.score(8, seed=3), voice, 3.0))


def make_disguised(register: Path, folder: Path) -> None:
    """Registered material after editorial and finishing: poor copy, grade, mattes, another size."""
    neon = media.read_frames(register / "neon_street.mp4")[6:42]
    with tempfile.TemporaryDirectory() as work:
        poor = Path(work) / "poor.mp4"
        media.write_clip(poor, [media.scaled(frame, SMALL) for frame in neon], Format(rate=CLIP, picture=h264(36)))
        clip = [media.letterboxed(media.graded(frame)) for frame in media.read_frames(poor)]
    harbour = media.matted(media.scaled(media.read_still(register / "harbour_concept.png"), SMALL))
    before, between, after = (
        [media.matted(frame) for frame in shot]
        for shot in (shots.aurora(SMALL, 18), shots.canyon(SMALL, 14), shots.lake(SMALL, 10))
    )
    cut = before + clip + between + shots.held(harbour, 24) + after
    mxf = Format(timecode=HOUR_TEN, picture=DNXHR)
    media.write_clip(folder / "disguised.mxf", cut, mxf)
    dunes = media.graded(media.scaled(media.read_still(register / "desert_plate.png"), SMALL))
    labels.save_jpeg(folder / "disguised_still.jpg", Image.fromarray(dunes), quality=40)


def make_labelled(folder: Path) -> None:
    """Stills with the labels that tools write, and one whose labels say nothing of AI."""
    ai = labels.xmp({"Iptc4xmpExt:DigitalSourceType": f"{labels.SOURCE_TYPE}trainedAlgorithmicMedia"})
    labels.save_jpeg(folder / "labelled_xmp.jpg", Image.fromarray(shots.aurora(STILL, 1, heading=3.9)[0]), packet=ai)
    camera = labels.xmp(
        {
            "Iptc4xmpExt:DigitalSourceType": f"{labels.SOURCE_TYPE}digitalCapture",
            "xmp:CreatorTool": "Adobe Photoshop 26.9 (Macintosh)",
            "photoshop:Credit": "Unit photography",
        }
    )
    labels.save_jpeg(folder / "labelled_ok.jpg", image(nature.rocks(STILL, seed=14)), packet=camera)
    written = [
        ("comfyui.png", heavens.nebula(STILL, seed=5, stops=VIOLET), labels.comfyui()),
        ("a1111.png", painting.brushed(city.hall(STILL, at=1.35), seed=160), labels.a1111()),
        ("invokeai.png", nature.open_water(STILL, seed=19), labels.invokeai()),
        ("novelai.png", painting.oil_hills(STILL), labels.novelai()),
        ("fooocus.png", lake_view(STILL), labels.fooocus()),
        ("midjourney.png", heavens.nebula(STILL, seed=205, stops=GREEN), labels.midjourney()),
    ]
    for name, picture, chunks in written:
        labels.save_png(folder / name, image(picture), chunks)


def make_signed(folder: Path, trust: Path) -> None:
    """Content Credentials: AI, AI only in the parent, a camera, broken; and a clip."""
    chain = signing.chain()
    (trust / "test_root.pem").write_bytes(chain.root)
    ai = signing.created("Demo Image Model", "trainedAlgorithmicMedia")
    camera = signing.created("Demo Camera", "digitalCapture")
    opened: dict[str, object] = {"action": "c2pa.opened", "parameters": {"ingredientIds": ["parent"]}}
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        planet, mesas, sea = work / "planet.jpg", work / "mesas.png", work / "sea.jpg"
        labels.save_jpeg(planet, image(heavens.planet(WIDE, seed=9)))
        labels.save_png(mesas, image(mesa_view((384, 216))))
        labels.save_jpeg(sea, image(nature.open_water(WIDE, seed=23)))
        signing.sign(planet, folder / "signed_ai.jpg", chain, maker="Demo Generator", action=ai)
        parent = work / "generated.png"
        signing.sign(mesas, parent, chain, maker="Demo Generator", action=ai)
        labels.save_png(mesas, Image.fromarray(media.graded(media.read_still(mesas))))
        signing.sign(
            mesas, folder / "signed_ai_ingredient.png", chain, maker="Demo Editor", action=opened, parent=parent
        )
        signing.sign(sea, folder / "signed_camera.jpg", chain, maker="Demo Camera", action=camera)
        trees = shots.wood(WIDE, 1, seed=8)[0]
        labels.save_jpeg(work / "trees.jpg", Image.fromarray(trees))
        signing.sign(work / "trees.jpg", work / "signed.jpg", chain, maker="Demo Camera", action=camera)
        changed = trees.copy()
        changed[60:220, 330:560] = trees[60:220, 330:560][:, ::-1]
        (folder / "tampered.jpg").write_bytes(signing.tampered((work / "signed.jpg").read_bytes(), changed))
        media.write_clip(work / "clip.mp4", shots.wood((320, 180), 24, seed=12), Format(rate=CLIP, picture=h264(26)))
        signing.sign(work / "clip.mp4", folder / "signed_clip.mp4", chain, maker="Demo Video Generator", action=ai)


def mesa_view(size: Size) -> Picture:
    """Another canyon than the one in the clips."""
    scene = land.canyon(67)
    return land.view(scene, land.stand(scene, (600, 300), above=25, heading=4.6), size)


def lake_view(size: Size) -> Picture:
    """The mountain lake from another shore than in the clips."""
    scene = land.lake()
    return land.view(scene, land.stand(scene, (200, 300), above=8, heading=1.2, horizon=0.5), size)


def make_damaged(folder: Path) -> None:
    """What cannot be examined, wholly or in part."""
    cut = shots.sea(SMALL, 24) + shots.pebbles(SMALL, 24)
    whole = folder / "broken.mov"
    media.write_clip(whole, cut, Format(timecode=HOUR_ONE, picture={**h264(24), "g": 12}))
    whole.write_bytes(whole.read_bytes()[: whole.stat().st_size * 55 // 100])
    (folder / "empty.mov").write_bytes(b"")
    (folder / "not_media.exr").write_text("This is a note that somebody saved under the wrong name.\n" * 20)


def image(picture: Picture) -> Image.Image:
    """A picture as Pillow has it."""
    frame: Frame = bytes_of(picture)
    return Image.fromarray(frame)


def show(folder: Path) -> None:
    """Print what there is and how big it is."""
    parts = (folder / part for part in ("register", "deliveries", "trust"))
    made = sorted(path for part in parts for path in part.rglob("*") if path.is_file())
    for path in made:
        print(f"{path.stat().st_size / 1024:8.0f} KiB  {path.relative_to(folder)}")
    print(f"{sum(path.stat().st_size for path in made) / 1024:8.0f} KiB  in all")


if __name__ == "__main__":
    main()
