"""How `make build` runs the lessons: what is stored must not change from run to run, nor from machine to machine."""

c = get_config()  # noqa: F821

c.NbConvertApp.export_format = "notebook"
c.ExecutePreprocessor.enabled = True
c.ExecutePreprocessor.record_timing = False
# After the run: what a cell prints arrives in one piece or in several, by chance, and a control has a random id.
c.NotebookExporter.preprocessors = [
    "nbconvert.preprocessors.CoalesceStreamsPreprocessor",
    "nbconvert.preprocessors.TagRemovePreprocessor",
]
c.TagRemovePreprocessor.remove_single_output_tags = {"control"}
c.KernelManager.transport_encryption = "auto"
# Drops the version of Python, and nothing else.
c.ClearMetadataPreprocessor.enabled = True
c.ClearMetadataPreprocessor.clear_cell_metadata = False
c.ClearMetadataPreprocessor.preserve_nb_metadata_mask = {"kernelspec"}
