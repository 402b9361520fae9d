"""The geometry of loss functions: exact computation, and pictures of it.

    symbolic   ─▶ formula, landscapes    formulas from text: values, exact derivatives, other notations
    datasets   ─▶ losses, landscapes     functions of two parameters: value, gradient, Hessian, minima
    surfaces   ─▶ their values on a grid, computed by the fast paths in kernels
    descent    ─▶ the methods, single runs, basins of attraction, and a verdict on how each run ended
    geometry   ─▶ Hessian eigenvalues, condition numbers, step limits, proofs and counterexamples of convexity
    programs   ─▶ the current picture as a script that runs without this package
    teaching   ─▶ lessons, questions and answers, and the learner's progress
    views      ─▶ the settings of a page turned into everything that the page shows
    charts     ─▶ Altair and Plotly specs of these records
    ui         ─▶ the Streamlit pages

Imports follow the arrows: only charts, views and ui need more than NumPy, and only ui needs Streamlit. Importing
lossgeo alone loads none of these modules.
"""
