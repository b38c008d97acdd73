"""Albumentations' transforms of one picture: a set that nobody here wrote, each as strong as it can be seen.

Written for albumentations 1.4.24, which is not part of the project: what is not installed is not asked.
"""

import functools
import importlib
import random
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.transforms import Picture

_FRAME = (1080, 1920)
_WIDE = (1.7, 1.8)
# Names in the tables; the transform, and its settings where the default does nothing or too little to be seen.
TRANSFORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "motion blur": ("MotionBlur", {"blur_limit": (25, 25)}),
    "median blur": ("MedianBlur", {"blur_limit": (11, 11)}),
    "defocus": ("Defocus", {"radius": (8, 8)}),
    "zoom blur": ("ZoomBlur", {"max_factor": (1.15, 1.15)}),
    "glass blur": ("GlassBlur", {"sigma": 1.0, "max_delta": 4, "iterations": 1}),
    "local contrast": ("CLAHE", {"clip_limit": (8, 8)}),
    "a channel dropped": ("ChannelDropout", {}),
    "channels shuffled": ("ChannelShuffle", {}),
    "colour jitter": (
        "ColorJitter",
        {"brightness": (0.5, 1.5), "contrast": (0.5, 1.5), "saturation": (0.3, 1.7), "hue": (-0.4, 0.4)},
    ),
    "downscale to 15 %": ("Downscale", {"scale_range": (0.15, 0.15)}),
    "emboss": ("Emboss", {"alpha": (0.8, 0.8), "strength": (1, 1)}),
    "equalised": ("Equalize", {}),
    "noise": ("GaussNoise", {"std_range": (0.15, 0.15)}),
    "ISO noise": ("ISONoise", {"intensity": (0.8, 0.9)}),
    "JPEG of quality 8": ("ImageCompression", {"quality_range": (8, 8)}),
    "negative": ("InvertImg", {}),
    "posterised to 2 bits": ("Posterize", {"num_bits": 2}),
    "brighter and flatter": (
        "RandomBrightnessContrast",
        {"brightness_limit": (0.4, 0.4), "contrast_limit": (-0.4, -0.4)},
    ),
    "fog": ("RandomFog", {"fog_coef_range": (0.7, 0.7), "alpha_coef": 0.15}),
    "gamma 2.5": ("RandomGamma", {"gamma_limit": (250, 250)}),
    "rain": ("RandomRain", {}),
    "shadows": ("RandomShadow", {"num_shadows_limit": (3, 3)}),
    "snow": ("RandomSnow", {}),
    "sun flare": ("RandomSunFlare", {"src_radius": 400}),
    "tone curve": ("RandomToneCurve", {"scale": 0.4}),
    "ringing": ("RingingOvershoot", {}),
    "sharpened": ("Sharpen", {"alpha": (0.9, 0.9)}),
    "solarised": ("Solarize", {"threshold_range": (0.5, 0.5)}),
    "spatter": ("Spatter", {}),
    "superpixels": ("Superpixels", {"p_replace": (0.6, 0.6), "n_segments": (600, 600)}),
    "sepia": ("ToSepia", {}),
    "white balance": ("PlanckianJitter", {}),
    "chromatic aberration": ("ChromaticAberration", {}),
    "dilated or eroded": ("Morphological", {"scale": (5, 5)}),
    "uneven light": ("Illumination", {"intensity_range": (0.2, 0.2)}),
    "plasma shadow": ("PlasmaShadow", {}),
    "salt and pepper": ("SaltAndPepper", {"amount": (0.06, 0.06)}),
    "shot noise": ("ShotNoise", {}),
    "scaled, turned, sheared": ("Affine", {"scale": (0.7, 0.7), "rotate": (15, 15), "shear": (8, 8)}),
    "sheared by 15": ("Affine", {"shear": (15, 15)}),
    "elastic": ("ElasticTransform", {"alpha": 300, "sigma": 20}),
    "grid distortion": ("GridDistortion", {"distort_limit": 0.3}),
    "barrel": ("OpticalDistortion", {"distort_limit": (0.3, 0.3)}),
    "pincushion": ("OpticalDistortion", {"distort_limit": (-0.3, -0.3)}),
    "perspective 0.15": ("Perspective", {"scale": (0.15, 0.15)}),
    "piecewise affine": ("PiecewiseAffine", {"scale": (0.03, 0.03), "nb_rows": 4, "nb_cols": 4}),
    "turned by 30": ("Rotate", {"limit": (30, 30)}),
    "turned by 90": ("Rotate", {"limit": (90, 90)}),
    "transposed": ("Transpose", {}),
    "thin plate spline": ("ThinPlateSpline", {"scale_range": (0.2, 0.2)}),
    "crop to a quarter": ("RandomResizedCrop", {"size": _FRAME, "scale": (0.25, 0.25), "ratio": _WIDE}),
    "crop to 15 %": ("RandomResizedCrop", {"size": _FRAME, "scale": (0.15, 0.15), "ratio": _WIDE}),
    "crop of another shape": ("RandomResizedCrop", {"size": _FRAME, "scale": (0.3, 0.3), "ratio": (1, 3)}),
    "half of it dropped": ("GridDropout", {"ratio": 0.5}),
    "twelve holes": (
        "CoarseDropout",
        {"num_holes_range": (12, 12), "hole_height_range": (160, 270), "hole_width_range": (280, 480)},
    ),
    "pixels dropped": ("PixelDropout", {"dropout_prob": 0.2}),
    "stripes": (
        "XYMasking",
        {"num_masks_x": (4, 4), "num_masks_y": (4, 4), "mask_x_length": (60, 120), "mask_y_length": (60, 120)},
    ),
    "nine parts shuffled": ("RandomGridShuffle", {"grid": (3, 3)}),
    "elastic grid": ("GridElasticDeform", {"num_grid_xy": (5, 5), "magnitude": 30}),
}


def albumentations_images() -> dict[str, Callable[[Picture], Picture]]:
    """Each by its name, from 1920 by 1080 to any size. Raises ImportError without `albumentations`."""
    library = importlib.import_module("albumentations")

    def changed_by(name: str, picture: Picture) -> Picture:
        kind, settings = TRANSFORMS[name]
        seed = int(picture[::97, ::89].sum()) % 2**31
        transform = getattr(library, kind)(**settings, p=1)
        transform.set_random_seed(seed)
        random.seed(seed)
        return np.ascontiguousarray(transform(image=picture)["image"], np.uint8)

    return {name: functools.partial(changed_by, name) for name in TRANSFORMS}
