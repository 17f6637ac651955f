"""The course for nbgrader: each lesson is an assignment."""

c = get_config()  # noqa: F821

c.CourseDirectory.course_id = "deep-learning-lessons"
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}
# Seconds for one cell; the slowest of the lessons takes a few. The checks stop an endless loop themselves.
c.Execute.timeout = 120
c.KernelManager.transport_encryption = "auto"
