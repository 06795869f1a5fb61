# SPDX-License-Identifier: Apache-2.0
"""Wrong arguments fail with a message and change nothing; right ones are taken from every language."""
from support import *


def both(check, *words, **arguments):
    image, source = simple()
    answer = refused(image, [source], *words, **arguments)
    assert answer.status == check, answer.status


def test_strength_out_of_range():
    for strength in (101.0, -1.0, float("inf")):
        both(Status.CALLING_ERROR, "strength", "100", strength=strength)


def test_unknown_device():
    for device in ("gpu", "", "cuda:", "cuda:x", "CPU"):
        both(Status.CALLING_ERROR, "device", "cuda:N", device=device)


def test_max_size_out_of_range():
    both(Status.CALLING_ERROR, "max-size", max_size=-1)


def test_unknown_style():
    both(Status.EXECUTION_ERROR, "great-wve", "great-wave", style="great-wve")


def test_no_style():
    both(Status.CALLING_ERROR, "style", style="")


def test_unusable_weights():
    both(Status.CALLING_ERROR, "weight", style=f"{STYLE}:-1")


def test_missing_file():
    both(Status.EXECUTION_ERROR, "not-there", style=str(FOLDER / "not-there.safetensors"))


def test_damaged_file():
    damaged = FOLDER / "damaged.safetensors"
    damaged.write_bytes(WEIGHTS.read_bytes()[:5000])
    both(Status.EXECUTION_ERROR, "damaged", style=str(damaged))


def test_file_that_is_no_weights_file():
    text = FOLDER / "text.safetensors"
    text.write_text("This is no network. " * 50)
    both(Status.EXECUTION_ERROR, "text", style=str(text))


def test_missing_device():
    if any(pathlib.Path("/dev").glob("nvidia[0-9]")):
        return
    both(Status.EXECUTION_ERROR, "CUDA", device="cuda")


def test_no_layer():
    image, source = simple()
    answer = call(image, [])
    assert answer.status == Status.CALLING_ERROR and "layer" in answer.message, answer.message


def test_channel():
    image, source = simple()
    channel = Gimp.Channel.new(image, "Red things", 96, 64, 50.0, Gegl.Color.new("red"))
    image.insert_channel(channel, None, 0)
    refused(image, [channel], "Red things", "channel")


def test_layer_mask():
    image, source = simple()
    source.add_mask(source.create_mask(Gimp.AddMaskType.WHITE))
    refused(image, [source.get_mask()], "mask")


def test_one_wrong_drawable_stops_all():
    image, source = simple()
    other = add_layer(image, picture(20, 20), "far", offsets=(70, 40))
    with selection(image, 0, 0, 30, 30):
        refused(image, [source, other], "far")


def test_layer_of_another_image():
    image, source = simple()
    other, stranger = simple()
    refused(image, [stranger], "not in this image")


def test_layer_not_in_the_image():
    image, source = simple()
    refused(image, [source.copy()], "not in this image")


def test_empty_group():
    image, source = simple()
    group = Gimp.GroupLayer.new(image, "empty one")
    image.insert_layer(group, None, 0)
    refused(image, [group], "empty one")


def test_floating_selection():
    image, source = simple()
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 5, 5, 20, 20)
    floating = Gimp.Selection.float(image, [source], 3, 3)
    refused(image, [source], "floating")


def test_window_without_display():
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return
    image, source = simple()
    answer = refused(image, [source], "display", run_mode=Gimp.RunMode.INTERACTIVE)
    assert answer.status == Status.CALLING_ERROR


def test_windows_are_for_painters():
    for name in ("settings", "gallery"):
        procedure = Gimp.get_pdb().lookup_procedure(f"plug-in-pinxit-{name}")
        config = procedure.create_config()
        config.set_property("run-mode", Gimp.RunMode.NONINTERACTIVE)
        assert procedure.run(config).index(0) == Status.CALLING_ERROR, name


def test_style_as_a_file():
    image, source = simple()
    by_id, by_file = style(image, source), style(image, source, style=str(WEIGHTS))
    same_painting(pixels(by_file), pixels(by_id))
    assert by_file.get_name() == STYLE and recipe(by_file)["request"]["styles"][0]["style"] == str(WEIGHTS)


def test_with_last_values_shows_no_window():
    image, source = simple()
    layer = style(image, source, run_mode=Gimp.RunMode.WITH_LAST_VALS)
    assert layer.get_name().startswith(TITLE)


def test_declared_names_and_defaults():
    procedure = Gimp.get_pdb().lookup_procedure(PROCEDURE)
    names = [each.name for each in procedure.get_arguments()]
    assert names == ["run-mode", "image", "drawables", "style", "strength", "keep-colors", "device", "max-size"], names
    config = procedure.create_config()
    assert config.get_property("strength") == 100 and config.get_property("device") == "auto"
    assert config.get_property("keep-colors") is False and config.get_property("max-size") == 0
    assert [each.name for each in procedure.get_return_values()] == ["layer", "layers"]


def test_script_fu():
    image, source = simple()
    evaluate = Gimp.get_pdb().lookup_procedure("plug-in-script-fu-eval")
    config = evaluate.create_config()
    config.set_property("script", f"""(script-fu-use-v3) ({PROCEDURE} #:run-mode RUN-NONINTERACTIVE
      #:image {image.get_id()} #:drawables (vector {source.get_id()}) #:style "{STYLE}" #:strength 40
      #:keep-colors #t)""")
    assert evaluate.run(config).index(0) == Status.SUCCESS
    layer = image.get_layers()[0]
    asked = recipe(layer)["request"]
    assert layer.get_name() == TITLE and asked["strength"] == 40 and asked["keep-colors"] is True
