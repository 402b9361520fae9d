"""lossgeo: see why some loss functions are easy to minimise and others are not.  Run: streamlit run streamlit_app.py

The server imports this file once, for `app`. Each session runs it, as Streamlit runs its scripts: as `__main__`.
"""

import streamlit as st

if __name__ != "__main__":
    from lossgeo.ui.runtime import server

    app = st.App(__file__, lifespan=server.lifespan, routes=server.routes(), middleware=server.MIDDLEWARE)
else:
    from lossgeo.ui.classroom import address
    from lossgeo.ui.runtime import frame, script_lock

    st.set_page_config(
        page_title="lossgeo",
        page_icon=frame.ICON,
        layout="wide",
        initial_sidebar_state="collapsed" if frame.projecting() else "auto",
    )
    page = st.navigation(
        [
            st.Page(
                "pages/home.py",
                title=frame.TITLES["home"],
                icon=":material/home:",
                default=True,
                help="What this playground is, the path through it, and the first question.",
            ),
            st.Page(
                "pages/mse.py",
                title=frame.TITLES["mse"],
                icon=":material/radio_button_checked:",
                url_path="mse",
                help="Squared error of a line over slope and intercept: convex; what its curvature does to descent.",
            ),
            st.Page(
                "pages/logistic.py",
                title=frame.TITLES["logistic"],
                icon=":material/show_chart:",
                url_path="logistic",
                help="Logistic loss over slope and intercept: convex, flat far away, sometimes without minimiser.",
            ),
            st.Page(
                "pages/nonconvex.py",
                title=frame.TITLES["nonconvex"],
                icon=":material/landscape:",
                url_path="nonconvex",
                help="Local minima, saddles, plateaus and cliffs, and which methods get past them.",
            ),
        ],
        position="top",
    )
    with script_lock.turn():  # a class at once: one visitor's page after the other
        frame.arrive()
        address.arrive()
        frame.look()
        page.run()
        frame.modes(page.url_path)
        frame.say_what_was_dropped(page.url_path)
