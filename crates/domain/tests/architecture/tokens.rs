//! Splits a source of Rust into tokens.

/// Returns true for a name, a keyword or a number.
pub(crate) fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Splits a source into names, `::` and single characters. Leaves out blanks, comments, texts and lifetimes.
pub(crate) fn tokens(source: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(length) = text_length(rest) {
            length
        } else if is_name(rest) {
            let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            tokens.push(rest[..length].to_owned());
            length
        } else if rest.starts_with("::") {
            tokens.push("::".to_owned());
            2
        } else {
            tokens.extend((!c.is_whitespace()).then(|| c.to_string()));
            c.len_utf8()
        };
        rest = &rest[length..];
    }
    tokens
}

/// Returns the length of the text, character or lifetime at the start of a source.
fn text_length(source: &str) -> Option<usize> {
    let quoted = |start: usize, quote: char| {
        let mut escaped = false;
        let end = source[start..].find(|c| {
            let ends = c == quote && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        end.map_or(source.len(), |end| start + end + 1)
    };
    let body = source.trim_start_matches(['b', 'c']);
    let prefix = source.len() - body.len();
    if body.starts_with('"') && prefix <= 1 {
        return Some(quoted(prefix + 1, '"'));
    }
    let hashes = body.strip_prefix('r').map(|rest| rest.len() - rest.trim_start_matches('#').len());
    if let Some(hashes) = hashes.filter(|hashes| prefix <= 1 && body[1 + hashes..].starts_with('"')) {
        let start = prefix + hashes + 2;
        let end = format!("\"{}", "#".repeat(hashes));
        return Some(source[start..].find(&end).map_or(source.len(), |at| start + at + end.len()));
    }
    let character = source.strip_prefix('\'')?;
    let mut following = character.chars();
    let (first, second) = (following.next()?, following.next());
    if first == '\\' || second == Some('\'') {
        return Some(quoted(1, '\''));
    }
    Some(1 + character.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(character.len()))
}

/// Leaves out the items that only tests have.
pub(crate) fn without_tests(tokens: &[String]) -> Vec<String> {
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let attribute = tokens.get(at..at + 7).unwrap_or_default();
        if attribute.concat() != "#[cfg(test)]" {
            kept.push(tokens[at].clone());
            at += 1;
            continue;
        }
        // The item ends with a semicolon or a brace.
        at += 7;
        let mut depth = 0;
        while let Some(token) = tokens.get(at) {
            depth += i32::from(["{", "(", "["].contains(&token.as_str()));
            depth -= i32::from(["}", ")", "]"].contains(&token.as_str()));
            at += 1;
            if depth == 0 && [";", "}"].contains(&token.as_str()) {
                break;
            }
        }
    }
    kept
}
