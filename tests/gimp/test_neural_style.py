# SPDX-License-Identifier: Apache-2.0
"""Neural Style as a script runs it: what is painted, where it goes, what is refused."""
from neural import *


def test_declared_names_and_defaults():
    procedure = Gimp.get_pdb().lookup_procedure(NEURAL)
    names = [each.name for each in procedure.get_arguments()]
    assert names == ["run-mode", "image", "drawables", "style", "style-masks", "preset", "iterations",
                     "content-weight", "style-weight", "variation-weight", "size", "start", "seed", "style-scale",
                     "keep-colors", "encoder", "keep-every", "device", "name"], names
    config = procedure.create_config()
    found = {name: config.get_property(name) for name in names[5:]}
    assert found == {"preset": "best", "iterations": 10, "content-weight": 1, "style-weight": 100,
                     "variation-weight": 0.001, "size": 400, "start": "content", "seed": 0, "style-scale": 1,
                     "keep-colors": "no", "encoder": "auto", "keep-every": 0, "device": "auto", "name": ""}, found
    assert [each.name for each in procedure.get_return_values()] == ["layer", "layers", "iterations"]


def test_ten_iterations_record_eleven_states():
    image = new_image(96, 64)
    bottom = add_layer(image, picture(96, 64, seed=2), "Bottom")
    source = add_layer(image, picture(80, 56), "Photo", offsets=(5, 3))
    before = raw(source)
    layer = neural(image, source, preset="best", iterations=10, name="Evening").layer
    assert [each.get_name() for each in image.get_layers()] == ["Neural Style – stripes", "Photo", "Bottom"]
    assert image.get_layers()[0].get_id() == layer.get_id()
    assert (layer.get_width(), layer.get_height(), offsets(layer)) == (80, 56, (5, 3))
    assert raw(source) == before and bottom.get_name() == "Bottom"
    assert np.abs(pixels(layer) - pixels(source))[..., :3].mean() > 0.02, "nothing was painted"
    assert np.isfinite(pixels(layer)).all()
    assert len(Gimp.get_images()) == 1, "a style picture is still open"

    told = recipe(layer)
    assert told["procedure"] == NEURAL and told["request"]["operation"] == "neural-style"
    assert told["request"]["styles"] == [{"style": STRIPES, "weight": 1}] and told["request"]["iterations"] == 10
    assert told["source"]["tattoo"] == source.get_tattoo()
    assert told["facts"]["encoder"], told["facts"]
    state, error, iterations = entry("Evening")
    assert state == "completed" and not error
    assert [number for number, loss in iterations] == list(range(11)), iterations
    assert iterations[10][1] < 0.9 * iterations[0][1], iterations


def test_without_a_name_the_gallery_stays_as_it_is():
    before = gallery("SELECT name FROM entries")
    image, source = simple(40, 32)
    neural(image, source)
    assert gallery("SELECT name FROM entries") == before


def check_refused(*words, status=Status.CALLING_ERROR, **arguments):
    image, source = simple(40, 32)
    known = gallery("SELECT name, state FROM entries")
    answer = refused(image, [source], *words, procedure=NEURAL, **arguments)
    assert answer.status == status, (answer.status, answer.message)
    assert gallery("SELECT name, state FROM entries") == known, "a refused run is in the gallery"


def test_values_out_of_range():
    for name, values in {"iterations": (4, 101), "content_weight": (0.0, 20000.0), "style_weight": (0.00001, 1e9),
                         "variation_weight": (-1.0, float("inf")), "size": (-1, 99, 801), "seed": (-1,),
                         "style_scale": (0.05, 5.0), "keep_every": (-1, 101)}.items():
        for value in values:
            check_refused(name.replace("_", "-"), **{name: value}, name="refused")


def test_unknown_choices():
    check_refused("start", "content", start="nothing")
    check_refused("keep-colors", "luminance", keep_colors="yes")
    check_refused("device", "cuda:N", device="gpu")
    check_refused("beste", "best", preset="beste")
    check_refused("preset", preset='{"pinxit-preset": 1, "content": 7}')


def test_styles_that_are_none():
    check_refused("style", style="")
    check_refused("style-masks", style=STRIPES, style_masks=";layer:1")
    check_refused("not-there.png", style=str(FOLDER / "not-there.png"), status=Status.EXECUTION_ERROR, name="refused")
    text = FOLDER / "text.png"
    text.write_text("This is no picture.")
    check_refused("text.png", style=str(text), status=Status.EXECUTION_ERROR)
    check_refused("layer:4711", style="layer:4711", name="refused")
    check_refused("layer:one", style="layer:one")


def test_encoders_that_are_none():
    check_refused("not-there", encoder=str(FOLDER / "not-there.safetensors"), status=Status.EXECUTION_ERROR)
    check_refused("great-wave", encoder=str(WEIGHTS), status=Status.EXECUTION_ERROR)


def test_with_a_selection_only_it_changes():
    image = new_image(96, 64)
    source = add_layer(image, picture(80, 56))
    with selection(image, 10, 10, 40, 30, feather=4) as chosen:
        layer = neural(image, source).layer
        close(mask_values(layer.get_mask()), pixels(chosen, "Y float", 1)[:56, :80, 0], 1e-3)
    assert recipe(layer)["selection"] is True
    with selection(image, 85, 10, 8, 40):
        refused(image, [source], "selection", procedure=NEURAL)


def test_alpha_is_kept():
    image = new_image(64, 48)
    source = add_layer(image, picture(64, 48, alpha=True))
    close(pixels(neural(image, source).layer)[..., 3], pixels(source)[..., 3], 0)


def test_layer_as_style():
    image, source = simple(64, 48)
    painting = add_layer(image, stripes(), "Old stripes", offsets=(200, 0), position=1)
    by_layer = neural(image, source, style=layer_reference(painting)).layer
    by_file = neural(image, source).layer
    same_painting(pixels(by_layer), pixels(by_file))
    assert by_layer.get_name() == "Neural Style – Old stripes"
    other = neural(image, source, style=DOTS).layer
    assert np.abs(pixels(other) - pixels(by_file))[..., :3].mean() > 0.02, "another style paints the same"
    mixed = neural(image, source, style=f"{layer_reference(painting)}:3;{DOTS}:1").layer
    assert mixed.get_name() == "Neural Style – Old stripes + dots"
    assert [each["weight"] for each in recipe(mixed)["request"]["styles"]] == [3, 1]


def test_style_masks():
    image, source = simple(80, 48)
    black, white = np.zeros((48, 80, 4), np.float32), np.ones((48, 80, 4), np.float32)
    black[..., 3] = 1
    half = black.copy()
    half[:, :40] = 1
    left = add_layer(image, half, "Left", position=1)
    right = add_layer(image, white[:, :40], "Right", offsets=(40, 0), position=1)
    file = save(half[::2, ::2], "left.xcf")
    styles = f"{STRIPES};{DOTS}"
    masks = f"{layer_reference(left)};{layer_reference(right)}"
    found = pixels(neural(image, source, style=styles, style_masks=masks, iterations=8).layer)
    turned = pixels(neural(image, source, style=f"{DOTS};{STRIPES}", style_masks=masks, iterations=8).layer)
    warmth = found[..., 0] - found[..., 2], turned[..., 0] - turned[..., 2]
    assert warmth[0][:, :32].mean() > warmth[1][:, :32].mean() + 0.05, "the left half does not take its style"
    assert warmth[0][:, 48:].mean() < warmth[1][:, 48:].mean() - 0.05, "the right half does not take its style"
    by_file = neural(image, source, style=styles, style_masks=f"{file};{layer_reference(right)}", iterations=8).layer
    difference = np.abs(pixels(by_file) - found)[:, :32]
    assert difference.mean() < 0.03, "a mask from a file is not the mask of a layer"

    empty = add_layer(image, black, "Nothing", position=1)
    refused(image, [source], "mask", procedure=NEURAL, style_masks=layer_reference(empty))
    refused(image, [source], "layer:4711", procedure=NEURAL, style_masks="layer:4711")


def test_start_from_the_last_result():
    image, source = simple(64, 48)
    refused(image, [source], "last", "Source", procedure=NEURAL, start="last")
    first = neural(image, source, name="first").layer
    neural(image, source, name="again", start="last")
    begin, end = entry("first")[2][0][1], entry("first")[2][-1][1]
    again = entry("again")[2][0][1]
    assert again < (begin + end) / 2, (begin, end, again)
    assert first.get_name() == "Neural Style – stripes"


def test_the_same_seed_paints_the_same():
    image, source = simple(48, 40)
    first, again, other = (pixels(neural(image, source, start="noise", seed=seed).layer) for seed in (3, 3, 4))
    same_painting(first, again)
    assert np.abs(first - other).mean() > 0.005, "the seed does not count"


def test_several_layers():
    image, source = simple(64, 48)
    small = add_layer(image, picture(40, 32, seed=3), "Small", offsets=(20, 10))
    answer = neural(image, [source, small], name="Two")
    assert [each.get_name() for each in image.get_layers()] == ["Neural Style – stripes #1", "Small",
                                                              "Neural Style – stripes", "Source"]
    assert [each.get_width() for each in answer.layers] == [64, 40]
    assert [entry(name)[0] for name in ("Two", "Two 2")] == ["completed"] * 2


def test_iterations_in_full_size_become_hidden_layers():
    image, source = simple(64, 48)
    answer = neural(image, source, iterations=6, keep_every=2)
    name = "Neural Style – stripes"
    assert [each.get_name() for each in image.get_layers()] == [
        name, f"{name} (iteration 4)", f"{name} (iteration 2)", "Source"]
    assert [each.get_name()[-12:] for each in answer.iterations] == ["iteration 2)", "iteration 4)"]
    assert [each.get_visible() for each in image.get_layers()] == [True, False, False, True]
    assert [recipe(each)["iteration"] for each in answer.iterations] == [2, 4]
    assert [each.get_id() for each in image.get_selected_layers()] == [answer.layer.get_id()]
    steps = [pixels(each) for each in (*reversed(answer.iterations), answer.layer)]
    assert all((step[..., 3] == 1).all() and np.abs(step - pixels(source)).mean() > 0.01 for step in steps)


def test_size_of_the_search_is_not_the_size_of_the_layer():
    image, source = simple(180, 130)
    layer = neural(image, source, size=100).layer
    assert (layer.get_width(), layer.get_height()) == (180, 130)
    assert recipe(layer)["request"]["size"] == 100


def test_names_are_given_once():
    image, source = simple(40, 32)
    neural(image, source, name="Only one")
    check_refused("Only one", name="Only one")
    check_refused("ONLY ONE", name="ONLY ONE")


def test_our_own_encoder():
    if not any(MODELS.glob("encoders/*/*.safetensors")):
        print("skipped: needs an encoder in models/encoders")
        return
    image, source = simple(64, 48)
    layer = neural(image, source, encoder="auto").layer
    assert np.abs(pixels(layer) - pixels(source))[..., :3].mean() > 0.02
