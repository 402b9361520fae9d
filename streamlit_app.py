"""lossgeo: see why some loss functions are easy to minimise and others are not.  Run: streamlit run streamlit_app.py

The server imports this file once, for `app`. Each session runs it, as Streamlit runs its scripts: as `__main__`.
"""

import streamlit as st

if __name__ != "__main__":
    from lossgeo.ui import server

    app = st.App(__file__, lifespan=server.lifespan, routes=server.routes(), middleware=server.MIDDLEWARE)
else:
    from lossgeo.ui import classroom, entry, turns

    st.set_page_config(
        page_title="lossgeo",
        page_icon=entry.ICON,
        layout="wide",
        initial_sidebar_state="collapsed" if entry.projecting() else "auto",
    )
    page = st.navigation(
        [
            st.Page(
                "pages/home.py",
                title=entry.TITLES["home"],
                icon=":material/home:",
                default=True,
                help="What this playground is, the path through it, and the first question.",
            ),
            st.Page(
                "pages/mse.py",
                title=entry.TITLES["mse"],
                icon=":material/radio_button_checked:",
                url_path="mse",
                help="Squared error of a line over slope and intercept: convex; what its curvature does to descent.",
            ),
            st.Page(
                "pages/logistic.py",
                title=entry.TITLES["logistic"],
                icon=":material/show_chart:",
                url_path="logistic",
                help="Logistic loss over slope and intercept: convex, flat far away, sometimes without minimiser.",
            ),
            st.Page(
                "pages/nonconvex.py",
                title=entry.TITLES["nonconvex"],
                icon=":material/landscape:",
                url_path="nonconvex",
                help="Local minima, saddles, plateaus and cliffs, and which methods get past them.",
            ),
        ],
        position="top",
    )
    with turns.turn():  # a class at once: one visitor's page after the other
        entry.arrive()
        classroom.arrive()
        entry.look()
        page.run()
        entry.modes(page.url_path)
        entry.say_what_was_dropped(page.url_path)
