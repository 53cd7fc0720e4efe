//! Guides, rendered from Markdown.

use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, html};

use super::super::Guide;

/// Returns the page that lists the guides.
pub(super) fn list(guides: &[Guide]) -> String {
    let entries =
        guides.iter().map(|Guide { file, title, .. }| format!("<li><a href=\"{file}\">{title}</a></li>"));
    fill("guides", &format!("<h1>Guides</h1><ul>{}</ul>", entries.collect::<String>()))
}

/// Returns the page of a guide.
pub(super) fn page(guide: &Guide, guides: &[Guide]) -> String {
    let parser = Parser::new_ext(guide.markdown, Options::ENABLE_TABLES);
    let mut events: Vec<Event<'_>> = served_links(parser, guides).collect();
    identify_headings(&mut events);
    let mut content = String::new();
    html::push_html(&mut content, events.into_iter());
    fill(guide.title, &content)
}

fn fill(title: &str, content: &str) -> String {
    include_str!("guide.html").replace("{title}", title).replace("{content}", content)
}

/// Removes links to files of the project that the server does not serve; their text stays.
fn served_links<'a>(
    events: impl Iterator<Item = Event<'a>>,
    guides: &[Guide],
) -> impl Iterator<Item = Event<'a>> {
    let mut is_removed = false;
    events.filter_map(move |event| match event {
        Event::Start(Tag::Link { dest_url, title, id, .. }) => {
            let target = served(&dest_url, guides);
            is_removed = target.is_none();
            target
                .map(|dest_url| Event::Start(Tag::Link { link_type: LinkType::Inline, dest_url, title, id }))
        }
        Event::End(TagEnd::Link) => (!is_removed).then_some(event),
        other => Some(other),
    })
}

/// Returns where a link of a guide leads on the server, `None` if the server does not have its target.
fn served<'a>(link: &str, guides: &[Guide]) -> Option<CowStr<'a>> {
    let file = link.split('#').next().unwrap_or_default();
    let is_served = file.is_empty() || link.contains("://") || guides.iter().any(|guide| guide.file == file);
    match file {
        "openapi.json" => Some("/openapi.json".into()),
        _ => is_served.then(|| link.to_owned().into()),
    }
}

/// Gives headings the ids that links to them use: the text in lower case with hyphens, without punctuation.
fn identify_headings(events: &mut [Event<'_>]) {
    let mut start = 0;
    for at in 0..events.len() {
        match events.get(at) {
            Some(Event::Start(Tag::Heading { .. })) => start = at,
            Some(Event::End(TagEnd::Heading(_))) => {
                let text = events.get(start..at).unwrap_or_default().iter().filter_map(|event| match event {
                    Event::Text(text) | Event::Code(text) => Some(text.as_ref()),
                    _ => None,
                });
                let slug = slug(&text.collect::<String>());
                if let Some(Event::Start(Tag::Heading { id, .. })) = events.get_mut(start) {
                    *id = Some(slug.into());
                }
            }
            _ => {}
        }
    }
}

fn slug(text: &str) -> String {
    let kept = text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_links_that_the_server_can_follow() {
        let markdown = "# Lists & `q`\n[a](B.md#x) [b](../README.md) [c](#lists--q) [d](openapi.json) [e](https://x.example/)";
        let guide = |file, markdown| Guide { file, title: "Lists", markdown };
        let guides = [guide("A.md", markdown), guide("B.md", "")];
        let [first, _] = &guides;
        let page = page(first, &guides);
        for part in [
            "<title>Haat: Lists</title>",
            "<h1 id=\"lists--q\">",
            "<a href=\"B.md#x\">a</a> b <a href=\"#lists--q\">c</a>",
            "<a href=\"/openapi.json\">d</a> <a href=\"https://x.example/\">e</a>",
        ] {
            assert!(page.contains(part), "{part}: {page}");
        }
    }
}
