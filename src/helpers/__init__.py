"""What the lessons share: the grown-up versions of their algorithms, data, figures, and checks of exercises."""
