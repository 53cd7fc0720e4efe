//! The guides for authors of clients, which the server serves at `/guides/`. The build of the container image gets these
//! files too (.dockerignore).

use haat_http_core::Guide;

/// The guides, in the order of their list.
pub(crate) const GUIDES: &[Guide] = &[
    Guide { file: "TUTORIAL.md", title: "Tutorial", markdown: include_str!("../../../docs/TUTORIAL.md") },
    Guide { file: "API.md", title: "Routes", markdown: include_str!("../../../docs/API.md") },
    Guide {
        file: "API-DESIGN.md",
        title: "Conventions and error codes",
        markdown: include_str!("../../../docs/API-DESIGN.md"),
    },
    Guide { file: "GLOSSARY.md", title: "Glossary", markdown: include_str!("../../../docs/GLOSSARY.md") },
];
