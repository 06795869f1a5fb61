# SPDX-License-Identifier: Apache-2.0
"""Generate from Text with the engine and real nets: AttnGAN and the digits of ../shared, small and of random weights,
and whatever the catalogue ships. What they paint like is looked at elsewhere (`./dev sheet`)."""
import shutil

from generate import *

GOLDENS = pathlib.Path(os.environ.get("PINXIT_SHARED_DATA", "")) / "goldens"
if not (GOLDENS / "attngan" / "netG.safetensors").is_file() or not (GOLDENS / "clipgan").is_dir():
    raise Skip("needs ../shared/goldens/attngan and clipgan")
VOCABULARY = json.loads((GOLDENS / "attngan" / "index.json").read_text())["vocabulary"]
CAPTION = "This bird has yellow wings."
SETTINGS = """CONFIG_NAME: 'coco'
TREE:
    BRANCH_NUM: 3
TRAIN:
    NET_G: '../models/netG.safetensors'
    NET_E: '../DAMSMencoders/coco/text_encoder.safetensors'
GAN:
    GF_DIM: 8
    R_NUM: {residuals}
    Z_DIM: 16
    CONDITION_DIM: 16
TEXT:
    WORDS_NUM: 25
    EMBEDDING_DIM: 32
"""


def make_entry(name, kind, **files):
    """A model of the user's catalogue."""
    folder = MODELS_OF_TEST / name
    folder.mkdir(parents=True)
    entries = []
    for role, source in files.items():
        role = role.replace("_", "-")
        target = folder / f"{role}{source.suffix}"
        shutil.copyfile(source, target)
        entries.append({"role": role, "path": target.name})
    (folder / "model.json").write_text(json.dumps({
        "pinxit": 1, "id": name, "kind": kind, "operation": "generate", "title": name.title(), "files": entries,
        "licence": {"id": "CC0-1.0", "url": "https://creativecommons.org/publicdomain/zero/1.0/"}, "source": "tests",
        "description": "Random weights."}))


def write_settings():
    """One thread is faster for so small pictures on a busy machine."""
    folder = pathlib.Path(os.environ["PINXIT_CONFIG_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "settings.ini").write_text("[engine]\nthreads=1\n")


write_settings()
(FOLDER / "vocabulary.txt").write_text("\n".join(VOCABULARY) + "\n")
make_entry("birds", "attngan", generator=GOLDENS / "attngan" / "netG.safetensors",
           text_encoder=GOLDENS / "attngan" / "text_encoder.safetensors", vocabulary=FOLDER / "vocabulary.txt")
make_entry("digits", "conv-generator", generator=GOLDENS / "clipgan" / "digits_generator.safetensors")
DEFAULTS[GENERATE] = {"prompt": CAPTION, "model": "birds", "count": 1, "seed": 100, "device": "cpu"}


def wrong(*words, **arguments):
    image, source = simple()
    return refused(image, [source], *words, procedure=GENERATE, **arguments)


def same(a, b):
    return [raw(layer) for layer in a.layers] == [raw(layer) for layer in b.layers]


# ---- pictures and seeds

def test_five_different_pictures():
    image, source = simple()
    layers = generate(image, [source], count=5).layers
    assert [(layer.get_width(), layer.get_height()) for layer in layers] == 5 * [(256, 256)]
    assert len({raw(layer) for layer in layers}) == 5
    assert all(pixels(layer)[..., :3].std() > 0.02 for layer in layers)
    assert len(generate(image, [source], count=16, size=32).layers) == 16


def test_the_seed_decides():
    image, source = simple()
    first = generate(image, [source], count=3)
    assert same(first, generate(image, [source], count=3)), "the same seed gave other pictures"
    other = generate(image, [source], count=3, seed=101)
    assert not {raw(layer) for layer in first.layers} & {raw(layer) for layer in other.layers}
    seed = recipe(first.layers[2])["request"]["seed"]
    assert raw(generate(image, [source], seed=seed).layer) == raw(first.layers[2]), "its own seed gave another picture"


def test_recipe_tells_seed_caption_and_time():
    image, source = simple()
    told = recipe(generate(image, [source]).layer)
    assert told["request"]["seed"] == 100 and told["request"]["prompt"] == CAPTION
    assert told["facts"]["seconds"] > 0 and told["facts"]["picture"]["seconds"] > 0
    assert told["facts"]["model"]["id"] == "birds" and len(told["facts"]["model"]["sha256"]) == 64
    assert told["facts"]["words"] == ["this", "bird", "has", "yellow", "wings"]


def test_edit_style_paints_it_again():
    image, source = simple()
    layer = generate(image, [source], count=2).layers[1]
    painted = raw(layer)
    paint(layer, picture(256, 256))
    assert call(image, [layer], EDIT).status == Status.SUCCESS
    assert raw(layer) == painted


# ---- sizes and attention

def details(**arguments):
    image = new_image(256, 256, precision=Gimp.Precision.FLOAT_PERCEPTUAL)
    answer = generate(image, all_sizes=True, maps=True, strip=True, **arguments)
    return answer.layer, image.get_layers()[0].get_children()[1].get_children()


def test_three_sizes_and_attention_maps():
    layer, parts = details()
    assert layer.get_width() == 256
    smaller = [each for each in parts if each.get_name() in ("64 × 64", "128 × 128")]
    assert [each.get_width() for each in smaller] == [64, 128]
    for side in (64, 128):
        maps = [each for each in parts if each.get_name().endswith(f"({side} × {side})")]
        assert [each.get_name().split()[0] for each in maps] == ["this", "bird", "has", "yellow", "wings"]
        values = [pixels(each) for each in maps]
        for each in values:
            close(each[..., 0], each[..., 1], 1e-6)
            close(each[..., 0], each[..., 2], 1e-6)
        close(sum(values)[..., 0], np.ones((side, side)), 1e-3)
    strip = [each for each in parts if each.get_name().startswith("Strongest words: ")]
    assert len(strip) == 1 and strip[0].get_width() > 2 * strip[0].get_height()
    assert set(strip[0].get_name()[len("Strongest words: "):].split(", ")) == {"this", "bird", "has", "yellow",
                                                                              "wings"}


def test_words_of_a_prompt_that_is_not_kept():
    layer, parts = details(keep_prompt=False)
    found = [each.get_name() for each in parts]
    assert not any(word in name.lower() for word in ("this", "bird", "has", "yellow", "wings") for name in found), found
    file = save_xcf(layer.get_image(), "birds.xcf")
    assert not words_in(file, ["yellow", "wings"])


# ---- words

def test_unknown_words_are_left_out():
    image, source = simple()
    layer = generate(image, [source], prompt="This tiny bird's crown is blue!").layer
    assert recipe(layer)["facts"]["unknown_words"] == ["tiny"]
    assert raw(layer) == raw(generate(image, [source], prompt="this bird s crown is blue").layer)


def test_captions_without_any_known_word():
    assert wrong("zebra", "qwerty", prompt="zebra qwerty").status == Status.CALLING_ERROR
    assert wrong("prompt", prompt="").status == Status.CALLING_ERROR


def test_a_file_of_captions():
    image, source = simple()
    file = captions("a red bird", "a small bird with a long beak", "blue wings")
    answer = generate(image, [source], prompt="", captions=file, count=6, size=64)
    assert names(image.get_layers())[:3] == ["a red bird", "a small bird with a long beak", "blue wings"]
    assert [len(group.get_children()) for group in image.get_layers()[:3]] == [6, 6, 6]
    assert len({raw(layer) for layer in answer.layers}) == 18


def test_the_text_varies():
    image, source = simple()
    ends = [raw(generate(image, [source], prompt=prompt).layer) for prompt in ("a red bird", "blue wings")]
    layers = generate(image, [source], prompt="a red bird", vary="text", vary_prompt="blue wings", count=3).layers
    assert raw(layers[0]) == ends[0] and raw(layers[2]) == ends[1] and raw(layers[1]) not in ends


# ---- models

def test_digits_need_no_prompt():
    image, source = simple()
    layers = generate(image, [source], model="digits", prompt="", count=4).layers
    for layer in layers:
        assert (layer.get_width(), layer.get_height()) == (28, 28)
        values = pixels(layer)
        close(values[..., 0], values[..., 1], 1e-6)
        close(values[..., 0], values[..., 2], 1e-6)
    assert len({raw(layer) for layer in layers}) == 4
    wrong("prompt", model="digits")


def test_from_the_settings_of_a_model():
    folder = FOLDER / "coco"
    folder.mkdir()
    for name in ("netG.safetensors", "text_encoder.safetensors"):
        shutil.copyfile(GOLDENS / "attngan" / name, folder / name)
    shutil.copyfile(FOLDER / "vocabulary.txt", folder / "vocabulary.txt")
    (folder / "coco.yml").write_text(SETTINGS.format(residuals=2))
    image, source = simple()
    layer = generate(image, [source], model=str(folder / "coco.yml")).layer
    assert raw(layer) == raw(generate(image, [source]).layer)
    (folder / "wrong.yml").write_text(SETTINGS.format(residuals=3))
    wrong("R_NUM", model=str(folder / "wrong.yml"))


def test_models_that_are_missing():
    assert wrong("no-such-model", model="no-such-model").status == Status.EXECUTION_ERROR
    lonely = FOLDER / "lonely"
    lonely.mkdir()
    shutil.copyfile(GOLDENS / "attngan" / "netG.safetensors", lonely / "netG.safetensors")
    assert wrong(model=str(lonely / "netG.safetensors")).status == Status.EXECUTION_ERROR
    wrong("not-there", model=str(FOLDER / "not-there.safetensors"))


def test_what_is_shipped():
    """The starter, where there is one, paints without a network or anything installed."""
    shipped = [json.loads(file.read_text()) for file in MODELS.glob("**/model.json")]
    shipped = [entry["id"] for entry in shipped if entry["operation"] == "generate"]
    for name in shipped:
        image, source = simple()
        answer = generate(image, [source], model=name, prompt="a red tulip", count=2)
        assert len({raw(layer) for layer in answer.layers}) == 2
        assert same(answer, generate(image, [source], model=name, prompt="a red tulip", count=2))


# ---- into images

def test_into_a_grey_image_of_16_bits():
    image = new_image(120, 90, Gimp.ImageBaseType.GRAY, Gimp.Precision.U16_NON_LINEAR)
    source = add_layer(image, picture(120, 90))
    with selection(image, 30, 20, 60, 60):
        layer = generate(image, [source], fit=True).layer
    assert layer.type() == Gimp.ImageType.GRAYA_IMAGE and layer.get_bpp() == 4
    assert offsets(layer) == (30, 20) and (layer.get_width(), layer.get_height()) == (60, 60)
    assert pixels(layer)[..., :3].std() > 0.01


def test_a_new_image():
    made = NewImage(model="birds", prompt=CAPTION, seed=100, count=2)
    assert made.status == Status.SUCCESS, made.message
    assert (made.image.get_width(), made.image.get_height()) == (256, 256) and len(made.layers) == 2
    image, source = simple()
    assert raw(generate(image, [source]).layer) == raw(made.layers[0])
