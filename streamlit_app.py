"""lossgeo: see why some loss functions are easy to minimise and others are not.

Run: streamlit run streamlit_app.py

The server imports this file once, for `app`. Streamlit runs it again for each session, as `__main__`.
"""

import streamlit as st

if __name__ != "__main__":
    from lossgeo.ui.runtime import server

    app = st.App(__file__, lifespan=server.lifespan, routes=server.routes(), middleware=server.MIDDLEWARE)
else:
    from lossgeo.ui.runtime import frame
    from lossgeo.views.pages import HOME

    frame.configure()
    page = st.navigation(frame.navigation(HOME), position=frame.way())
    frame.show(page, HOME)
