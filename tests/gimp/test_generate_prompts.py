# SPDX-License-Identifier: Apache-2.0
"""Generate from Text: prompts are private. What recipes, images and GIMP's own files hold of them, Repeat, and Edit
Style of what was generated. The engine is the fake one."""
from generate import *

SECRET = "scarlet zeppelin xylophone " + " ".join(f"gulls{i}" for i in range(20))
PRIVATE = 1 << 9  # GIMP_PARAM_DONT_SERIALIZE


# ---- the recipe

def test_recipe():
    image, source = simple()
    layer = generate(image, [source], prompt="scarlet xylophone", seed=11, count=2, fit=True).layers[1]
    told = recipe(layer)
    asked, facts = told["request"], told["facts"]
    assert told["recipe"] == 1 and told["procedure"] == GENERATE and "source" not in told
    assert asked["operation"] == "generate" and asked["prompt"] == "scarlet xylophone"
    assert asked["seed"] == 1011 == facts["picture"]["seed"] and asked["count"] == 1 and asked["fit"] is True
    assert facts["picture"]["index"] == 1 and facts["picture"]["of"] == 2 and facts["picture"]["seconds"] == 0.1
    assert facts["seconds"] == 0.5 and facts["model"]["title"] == "fake" and "pictures" not in facts
    assert facts["words"] == ["scarlet"] and facts["unknown_words"] == ["xylophone"]
    assert told["gimp"] == Gimp.version() and told["pinxit"]


def test_recipe_makes_the_picture_again():
    image, source = simple()
    layer = generate(image, [source], count=3).layers[2]
    asked = recipe(layer)["request"]
    again = generate(image, [source], prompt=asked["prompt"], seed=asked["seed"], count=asked["count"]).layer
    assert raw(again) == raw(layer)


# ---- nothing of the prompt

def test_kept_prompts_are_found():
    """Or the searches below would find nothing whatever there is."""
    image, source = simple()
    generate(image, [source], prompt=SECRET)
    assert "zeppelin" in words_in(save_xcf(image, "kept.xcf"), WORDS)
    packed = FOLDER / "packed.bin"
    packed.write_bytes(b"head" + zlib.compress(b"... Zeppelin ...") + b"tail")
    assert words_in(packed, WORDS) == ["zeppelin"]


def test_a_prompt_that_is_not_kept():
    image, source = simple()
    answer = generate(image, [source], prompt=SECRET, keep_prompt=False, count=2, all_sizes=True, maps=True,
                      strip=True, vary="text", vary_prompt="marmalade")
    group = image.get_layers()[0]
    assert group.get_name() == "fake" and answer.layer.get_name() == "fake – seed 7, 0 %"
    maps = group.get_children()[1].get_children()[1:-1]
    assert names(maps)[:3] == ["Word 1 (32 × 32)", "Word 2 (32 × 32)", "Word 3 (32 × 32)"]
    told = recipe(answer.layer)
    assert told["request"]["prompt"] == "" and told["request"]["vary-prompt"] == ""
    assert told["facts"]["prompt_left_out"] is True and told["facts"]["seconds"] == 0.5
    check_no_word(image, "private.xcf")


def test_captions_that_are_not_kept():
    image, source = simple()
    file = captions("scarlet zeppelin", "marmalade", name="tangerine.txt")
    generate(image, [source], prompt="", captions=file, keep_prompt=False, maps=True)
    assert names(image.get_layers()) == ["fake", "fake #1", "Source"]
    check_no_word(image, "captions.xcf")


def test_a_new_image_with_a_prompt_that_is_not_kept():
    made = NewImage(prompt=SECRET, keep_prompt=False, maps=True)
    assert made.status == Status.SUCCESS, made.message
    check_no_word(made.image, "new.xcf")


def test_gimp_is_not_given_prompts_to_remember():
    for name in (GENERATE, NEW_IMAGE):
        arguments = {each.name: each for each in Gimp.get_pdb().lookup_procedure(name).get_arguments()}
        for argument in ("prompt", "vary-prompt", "captions"):
            assert arguments[argument].flags & PRIVATE, (name, argument)
        assert not arguments["model"].flags & PRIVATE


# ---- Repeat

def repeat(image, drawables, **arguments):
    return call(image, drawables, GENERATE, run_mode=Gimp.RunMode.WITH_LAST_VALS, prompt="", **arguments)


def test_repeat_takes_the_newest_prompt():
    remember("marmalade sea", "scarlet zeppelin")
    image, source = simple()
    answer = repeat(image, [source])
    assert answer.status == Status.SUCCESS, answer.message
    assert recipe(answer.layer)["request"]["prompt"] == "marmalade sea"


def test_repeat_with_two_prompts():
    remember(("marmalade sea", "scarlet zeppelin"))
    image, source = simple()
    for vary, other in (("text", "scarlet zeppelin"), ("no", "")):
        asked = recipe(repeat(image, [source], vary=vary).layer)["request"]
        assert (asked["prompt"], asked["vary-prompt"]) == ("marmalade sea", other)


def test_repeat_keeps_no_prompt_that_was_not_to_be_kept():
    """GIMP's last values say that prompts are kept: they are of a run in another image, or before one that was
    cancelled."""
    remember(("marmalade sea", "", False), "scarlet zeppelin")
    image, source = simple()
    answer = repeat(image, [source], keep_prompt=True, maps=True)
    assert answer.status == Status.SUCCESS, answer.message
    assert recipe(answer.layer)["facts"]["prompt_left_out"] is True
    check_no_word(image, "elsewhere.xcf")


def test_repeat_of_a_new_image():
    """Without windows it is kept all the same."""
    remember("marmalade sea")
    made = NewImage(run_mode=Gimp.RunMode.WITH_LAST_VALS, prompt="", count=1)
    assert made.status == Status.SUCCESS, made.message
    assert made.image.is_valid(), "it went with the call"
    assert ids(made.image.get_layers()) == ids(made.layers)


def test_repeat_keeps_no_prompt_where_the_settings_say_so():
    remember("marmalade sea")
    settings = FOLDER / "config" / "settings.ini"
    settings.write_text("[generate]\nkeep-prompts=false\n")
    image, source = simple()
    answer = repeat(image, [source])
    settings.unlink()
    assert answer.status == Status.SUCCESS, answer.message
    assert recipe(answer.layer)["facts"]["prompt_left_out"] is True
    assert not words_in(save_xcf(image, "repeated.xcf"), WORDS)


def test_repeat_without_a_history():
    (FOLDER / "data" / "prompts.json").unlink(missing_ok=True)
    image, source = simple()
    before = tree(image)
    answer = repeat(image, [source])
    assert answer.status == Status.CALLING_ERROR and "prompt" in answer.message and tree(image) == before


# ---- Edit Style

def edit(image, layer):
    answer = call(image, [layer], EDIT)
    assert answer.status == Status.SUCCESS, (answer.status, answer.message)
    assert answer.values[0] is False


def test_edit_paints_the_picture_again():
    image, source = simple()
    layer = generate(image, [source], count=3, maps=True).layers[1]
    painted, told, shape = raw(layer), recipe(layer), ids(image.get_layers()[0].get_children())
    paint(layer, picture(64, 64))
    layer.set_name("Mine")
    layer.set_opacity(40)
    edit(image, layer)
    assert raw(layer) == painted and recipe(layer)["request"] == told["request"]
    assert layer.get_name() == "Mine" and layer.get_opacity() == 40
    assert ids(image.get_layers()[0].get_children()) == shape, "details came again"


def test_edit_of_a_picture_that_varies():
    image, source = simple()
    layer = generate(image, [source], count=3, vary="noise", vary_seed=9).layers[1]
    painted = raw(layer)
    paint(layer, picture(64, 64))
    edit(image, layer)
    assert raw(layer) == painted and recipe(layer)["facts"]["picture"]["share"] == 0.5


def test_edit_reads_no_file_that_a_recipe_names():
    image, source = simple()
    layer = generate(image, [source]).layer
    told = recipe(layer)
    told["request"] |= {"prompt": "", "captions": captions("scarlet zeppelin", name="notes.txt")}
    layer.attach_parasite(Gimp.Parasite.new("pinxit-recipe", 3, json.dumps(told).encode()))
    refused(image, [layer], "prompt", procedure=EDIT)


def test_edit_of_a_scaled_layer():
    image, source = simple(160, 100)
    layer = generate(image, [source], fit=True).layer
    painted = raw(layer)
    paint(layer, picture(100, 100))
    edit(image, layer)
    assert raw(layer) == painted and (layer.get_width(), layer.get_height()) == (100, 100)


def test_edit_without_the_prompt_says_what_to_do():
    image, source = simple()
    layer = generate(image, [source], keep_prompt=False, seed=23).layer
    refused(image, [layer], "prompt", "not kept", "Generate from Text", "23", procedure=EDIT)


def test_edit_of_a_model_without_prompt():
    image, source = simple()
    layer = generate(image, [source], prompt="", model="digits", keep_prompt=False).layer
    assert "prompt_left_out" not in recipe(layer)["facts"] and layer.get_name() == "digits – seed 7"
    painted = raw(layer)
    paint(layer, picture(64, 64))
    edit(image, layer)
    assert raw(layer) == painted


def test_repeat_of_a_model_without_prompt():
    remember("marmalade sea")
    image, source = simple()
    answer = repeat(image, [source], model="digits")
    assert answer.status == Status.SUCCESS, answer.message
    assert recipe(answer.layer)["request"]["prompt"] == ""
