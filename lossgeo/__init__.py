"""The geometry of loss functions, computed exactly and drawn so that one can see it.

    datasets    ─▶ losses, landscapes   functions of two parameters: value, gradient, Hessian, minima
    surfaces    ─▶ the same on a grid, fast (kernels)
    optimizers  ─▶ trajectories and basins, each with an honest ending (endings, basins, trajectories)
    geometry    ─▶ spectra, condition numbers, step limits, proofs and witnesses of convexity
    snippet     ─▶ a picture as a program that runs without this package (listings)
    quiz, ask   ─▶ the questions, the answers
    charts      ─▶ Altair and Plotly specs from these records; ui ─▶ the Streamlit pages

Each arrow goes one way; this package imports neither charts nor ui.
"""
