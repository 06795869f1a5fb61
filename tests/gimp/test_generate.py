# SPDX-License-Identifier: Apache-2.0
"""Generate from Text: where pictures go, what they are called and remember. The engine is the fake one."""
import icc
from generate import *
from processes import files, gone, kill_after


# ---- one picture

def test_a_picture_is_a_layer_in_the_middle():
    image, source = simple(96, 71)
    answer = generate(image, [source])
    layer = answer.layer
    assert ids(answer.layers) == [layer.get_id()] and names(image.get_layers()) == [layer.get_name(), "Source"]
    assert offsets(layer) == (16, 3) and (layer.get_width(), layer.get_height()) == (64, 64)
    assert layer.get_name() == "a scarlet zeppelin – seed 7" and layer.type() == Gimp.ImageType.RGBA_IMAGE
    assert not layer.get_mask() and layer.get_opacity() == 100 and layer.get_visible()
    assert ids(image.get_selected_layers()) == [layer.get_id()]
    shows(layer, seed_colour(7))


def test_a_picture_larger_than_the_image():
    image, source = simple(30, 41)
    assert offsets(generate(image, [source]).layer) == (-17, -12)


def test_in_the_selection():
    image, source = simple(200, 150)
    with selection(image, 101, 20, 80, 50):
        chosen = raw(image.get_selection())
        layer = generate(image, [source]).layer
        assert raw(image.get_selection()) == chosen
        assert offsets(layer) == (101 + 8, 20 - 7) and not layer.get_mask()
        fitted = generate(image, [source], fit=True).layer
        assert (fitted.get_width(), fitted.get_height()) == (50, 50) and offsets(fitted) == (101 + 15, 20)
        shows(fitted, seed_colour(7))


def test_scaled_to_the_image():
    image, source = simple(160, 100)
    layer = generate(image, [source], fit=True).layer
    assert (layer.get_width(), layer.get_height()) == (100, 100) and offsets(layer) == (30, 0)


def test_above_the_layer_that_is_selected():
    image, source = simple()
    group = Gimp.GroupLayer.new(image, "Group")
    image.insert_layer(group, None, 0)
    lower = add_layer(image, picture(20, 20), "lower", parent=group)
    upper = add_layer(image, picture(20, 20), "upper", parent=group)
    layer = generate(image, [lower]).layer
    assert ids(group.get_children()) == ids([upper, layer, lower])
    layer = generate(image, [group]).layer
    assert ids(image.get_layers()) == ids([layer, group, source])


def test_without_any_layer():
    image = new_image(80, 80)
    layer = generate(image).layer
    assert ids(image.get_layers()) == [layer.get_id()] and offsets(layer) == (8, 8)


def test_with_a_channel_selected():
    image, source = simple()
    channel = Gimp.Channel.new(image, "Red things", 96, 64, 50.0, Gegl.Color.new("red"))
    image.insert_channel(channel, None, 0)
    layer = generate(image, [channel]).layer
    assert ids(image.get_layers()) == ids([layer, source])


# ---- several

def test_several_are_a_group():
    image, source = simple()
    answer = generate(image, [source], count=5, seed=100)
    group, below = image.get_layers()
    assert below.get_id() == source.get_id() and group.is_group() and group.get_name() == PROMPT
    assert ids(group.get_children()) == ids(answer.layers) and len(answer.layers) == 5
    seeds = [recipe(layer)["request"]["seed"] for layer in answer.layers]
    assert seeds[0] == 100 and len(set(seeds)) == 5
    for seed, layer in zip(seeds, answer.layers):
        assert layer.get_name() == f"{PROMPT} – seed {seed}"
        shows(layer, seed_colour(seed))
    assert ids(image.get_selected_layers()) == [group.get_id()]


def test_many_words_make_a_short_name():
    image, source = simple()
    layer = generate(image, [source], prompt="a\n tall tower of marmalade,\tseen by ten thousand gulls").layer
    assert layer.get_name() == "a  tall tower of marmalade, seen by ten… – seed 7", layer.get_name()


def test_pictures_that_vary():
    image, source = simple()
    layers = generate(image, [source], count=3, vary="noise", vary_seed=9).layers
    for layer, share in zip(layers, (0, 0.5, 1)):
        assert layer.get_name() == f"{PROMPT} – seed 7, {round(100 * share)} %"
        shows(layer, seed_colour(7, share), 1 / 500)
        told = recipe(layer)
        assert told["request"]["count"] == 3 and told["facts"]["picture"]["share"] == share


def test_details_are_a_hidden_group():
    image, source = simple()
    answer = generate(image, [source], count=2, all_sizes=True, maps=True, strip=True)
    group = image.get_layers()[0]
    first, details, second, others = group.get_children()
    assert ids([first, second]) == ids(answer.layers) and details.is_group() and others.is_group()
    assert not details.get_visible() and details.get_name() == "Details of seed 7"
    smaller, *maps, strip = details.get_children()
    assert smaller.get_name() == "32 × 32" and smaller.get_width() == 32
    shows(smaller, seed_colour(7))
    assert names(maps) == ["a (32 × 32)", "scarlet (32 × 32)", "zeppelin (32 × 32)"]
    for number, grey in enumerate(maps, 1):
        shows(grey, 3 * [number / 3], 1 / 500)
        assert offsets(grey) == (32, 16)
    assert strip.get_name() == "Strongest words: a, scarlet, zeppelin" and strip.get_width() == 3 * 64


def test_one_picture_with_details_is_a_group():
    image, source = simple()
    generate(image, [source], all_sizes=True)
    group, below = image.get_layers()
    assert group.is_group() and names(group.get_children()) == [f"{PROMPT} – seed 7", "Details of seed 7"]


def test_each_caption_is_a_group():
    image, source = simple()
    file = captions("a scarlet zeppelin", "", "  marmalade sea ")
    answer = generate(image, [source], prompt="", captions=file, count=2)
    assert names(image.get_layers()) == ["a scarlet zeppelin", "marmalade sea", "Source"]
    children = [layer for group in image.get_layers()[:2] for layer in group.get_children()]
    assert ids(children) == ids(answer.layers) and len(children) == 4
    for layer, prompt in zip(children, 2 * ["a scarlet zeppelin"] + 2 * ["marmalade sea"]):
        asked = recipe(layer)["request"]
        assert asked["prompt"] == prompt and asked["captions"] == ""


# ---- colours

def check_colours(image, tolerance):
    """The same numbers as GIMP itself stores for these colours."""
    wanted = add_layer(image, plain(seed_colour(7)), "wanted")
    layer = generate(image, [wanted]).layer
    assert layer.type() == wanted.type() and layer.get_bpp() == wanted.get_bpp()
    close(pixels(layer), pixels(wanted), tolerance)
    return layer, wanted


def test_every_precision():
    for depth in ("U8", "U16", "U32", "HALF", "FLOAT", "DOUBLE"):
        for curve in ("LINEAR", "NON_LINEAR", "PERCEPTUAL"):
            for base in (Gimp.ImageBaseType.RGB, Gimp.ImageBaseType.GRAY):
                precision = getattr(Gimp.Precision, f"{depth}_{curve}")
                coarse = {"U8": 1e-2 if curve == "LINEAR" else 1e-6, "HALF": 1e-3}.get(depth, 5e-5)
                check_colours(new_image(80, 80, base, precision), coarse)


def test_profiles():
    for profile in (Gimp.ColorProfile.new_from_icc_profile(icc.prophoto()), Gimp.ColorProfile.new_rgb_adobe()):
        image = new_image(80, 80, precision=Gimp.Precision.U16_NON_LINEAR)
        image.set_color_profile(profile)
        layer, wanted = check_colours(image, 1e-4)
        numbers = np.frombuffer(raw(layer), np.uint16) / 65535
        assert np.abs(numbers.reshape(64, 64, 4)[0, 0, :3] - seed_colour(7)).max() > 0.02, "the profile was ignored"


def test_a_profile_made_of_tables():
    image = new_image(80, 80, precision=Gimp.Precision.U16_NON_LINEAR)
    image.set_color_profile(Gimp.ColorProfile.new_from_icc_profile(icc.swapped_table_profile()))
    numbers = np.frombuffer(raw(generate(image).layer), np.uint16).reshape(64, 64, 4) / 65535
    close(numbers[0, 0, [2, 1, 0]], np.array(seed_colour(7)), 8 / 255)  # red and blue are far more apart


def test_into_a_grey_image_of_16_bits_with_a_selection():
    image = new_image(150, 120, Gimp.ImageBaseType.GRAY, Gimp.Precision.U16_NON_LINEAR)
    source = add_layer(image, picture(150, 120))
    with selection(image, 70, 10, 64, 64, feather=6):
        layer = generate(image, [source], maps=True).layer
        x, y, right, bottom = Gimp.Selection.bounds(image)[2:]
    assert offsets(layer) == (x + (right - x - 64) // 2, y + (bottom - y - 64) // 2)
    assert layer.type() == Gimp.ImageType.GRAYA_IMAGE and layer.get_bpp() == 4
    wanted = add_layer(image, plain(seed_colour(7)), "wanted")
    close(pixels(layer), pixels(wanted), 2e-5)


# ---- what is refused

def wrong(*words, **arguments):
    image, source = simple()
    return refused(image, [source], *words, procedure=GENERATE, **arguments)


def test_arguments_out_of_range():
    for words, arguments in [(["count", "16"], {"count": 17}), (["count", "1"], {"count": 0}),
                             (["seed"], {"seed": -1}), (["size"], {"size": 5000}), (["vary"], {"vary": "both"}),
                             (["device"], {"device": "gpu"}), (["model"], {"model": ""})]:
        assert wrong(*words, **arguments).status == Status.CALLING_ERROR, arguments


def test_prompts_that_cannot_be_painted():
    assert wrong("empty", prompt="").status == Status.CALLING_ERROR
    assert wrong("empty", prompt=" \n ").status == Status.CALLING_ERROR
    assert wrong("xanthic", "xylophone", prompt="xanthic xylophone").status == Status.CALLING_ERROR
    assert wrong("no prompt", model="digits").status == Status.CALLING_ERROR


def test_captions_that_cannot_be_painted():
    assert wrong("captions", captions=captions("a sea")).status == Status.CALLING_ERROR  # and a prompt
    wrong("not-there.txt", prompt="", captions=str(FOLDER / "not-there.txt"))
    wrong("Line 3", "xylophone", prompt="", captions=captions("a sea", "", "xylophone"))
    assert wrong("too many", prompt="", count=16, captions=captions(*100 * ["a sea"])).status == Status.CALLING_ERROR
    wrong("too much", "4096", prompt="", count=16, size=4096, captions=captions(*60 * ["a sea"]))


def test_images_and_layers():
    image, source = simple()
    image.convert_indexed(Gimp.ConvertDitherType.NONE, Gimp.ConvertPaletteType.GENERATE, 16, False, False, "")
    refused(image, [source], "indexed", "RGB", procedure=GENERATE)
    image, source = simple()
    other, stranger = simple()
    refused(image, [stranger], "not in this image", procedure=GENERATE)
    refused(image, [source.copy()], "not in this image", procedure=GENERATE)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 5, 5, 20, 20)
    Gimp.Selection.float(image, [source], 3, 3)
    refused(image, [source], "floating", procedure=GENERATE)


def test_an_engine_that_fails():
    assert wrong("refuse", model="refuse").status == Status.EXECUTION_ERROR
    assert wrong(model="throw").status == Status.EXECUTION_ERROR
    assert wrong(model="abort-2", count=3).status == Status.EXECUTION_ERROR


def test_a_plug_in_that_is_killed_while_pictures_are_painted():
    image, source = simple()
    generate(image, [source])
    before, known = tree(image), files()
    for procedure in (GENERATE, NEW_IMAGE):
        killed = []
        thread = kill_after("pinxit", 0.6, killed)
        if procedure == GENERATE:
            status = call(image, [source], GENERATE, model="steps-40", count=4).status
        else:
            status = NewImage(model="steps-40", count=4).status
        thread.join()
        assert killed and status != Status.SUCCESS
        assert tree(image) == before and len(Gimp.get_images()) == 1
        assert gone("pinxit") and files() <= known, files() - known


# ---- a new image

def test_a_new_image_with_none_open():
    assert not Gimp.get_images()
    made = NewImage()
    assert made.status == Status.SUCCESS, made.message
    image = made.image
    assert [each.get_id() for each in Gimp.get_images()] == [image.get_id()]
    assert (image.get_width(), image.get_height()) == (64, 64)
    assert image.get_base_type() == Gimp.ImageBaseType.RGB and image.undo_is_enabled()
    group, = image.get_layers()
    assert ids(group.get_children()) == ids(made.layers) and len(made.layers) == 5
    shows(made.layers[0], seed_colour(7))
    assert offsets(made.layers[0]) == (0, 0) and recipe(made.layers[0])["procedure"] == GENERATE


def test_a_new_image_of_another_size():
    made = NewImage(count=1, size=150, strip=True)
    assert (made.image.get_width(), made.image.get_height()) == (150, 150) and len(made.layers) == 1


def test_no_new_image_where_it_fails():
    assert NewImage(prompt="").status == Status.CALLING_ERROR
    assert NewImage(count=99).status == Status.CALLING_ERROR
    assert NewImage(model="refuse").status == Status.EXECUTION_ERROR
    assert not Gimp.get_images()


# ---- names and languages

def test_declared_names_and_defaults():
    for name, first in ((GENERATE, ["run-mode", "image", "drawables"]), (NEW_IMAGE, ["run-mode"])):
        procedure = Gimp.get_pdb().lookup_procedure(name)
        found = [each.name for each in procedure.get_arguments()]
        assert found == [*first, "prompt", "model", "count", "seed", "size", "all-sizes", "maps", "strip", "vary",
                         "vary-seed", "vary-prompt", "keep-prompt", "fit", "captions", "device"], found
        config = procedure.create_config()
        assert config.get_property("prompt") == "" and config.get_property("model") == "auto"
        assert config.get_property("count") == 5 and config.get_property("seed") == 100
        assert config.get_property("keep-prompt") is True
    assert [each.name for each in Gimp.get_pdb().lookup_procedure(GENERATE).get_return_values()] == ["layer", "layers"]
    assert [each.name for each in procedure.get_return_values()] == ["image", "layers"]


def test_script_fu():
    image, source = simple()
    evaluate = Gimp.get_pdb().lookup_procedure("plug-in-script-fu-eval")
    config = evaluate.create_config()
    config.set_property("script", f"""(script-fu-use-v3) ({GENERATE} #:run-mode RUN-NONINTERACTIVE
      #:image {image.get_id()} #:drawables (vector {source.get_id()}) #:prompt "marmalade" #:count 2 #:seed 3)""")
    assert evaluate.run(config).index(0) == Status.SUCCESS
    group = image.get_layers()[0]
    assert group.get_name() == "marmalade" and len(group.get_children()) == 2
