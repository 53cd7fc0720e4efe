//! The modules of a crate and the paths by which they use each other, read from the sources. Knows as much of Rust's
//! syntax as these sources need. Tests are left out: they may use whatever they test with.

use std::collections::{BTreeMap, BTreeSet};

use crate::tokens::{is_name, tokens, without_tests};

/// The path of a module or an item from the root of its crate.
type Names = Vec<String>;

/// A file of Rust.
#[derive(Default)]
struct Module {
    /// The modules declared in it.
    children: BTreeSet<String>,
    /// The names defined in it.
    items: BTreeSet<String>,
    /// The names imported or exported by `use`, and the path of each.
    imports: BTreeMap<String, Names>,
    /// The modules from which it imports everything.
    globs: Vec<Names>,
    /// The paths used.
    uses: Vec<Names>,
}

/// The modules of a crate.
pub(crate) struct Modules(BTreeMap<Names, Module>);

/// A use of one part of a folder by another part.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    folder: Names,
    from: String,
    to: String,
}

impl Modules {
    /// Parses the files of a crate: paths relative to `src`, each with its text.
    pub(crate) fn parse<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut modules = BTreeMap::new();
        for (path, text) in files {
            let mut names: Names = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
            // The index file of a folder stands for the folder.
            if names.last().is_some_and(|name| ["mod", "lib", "main"].contains(&name.as_str())) {
                names.pop();
            }
            modules.insert(names, Module::parse(&without_tests(&tokens(text))));
        }
        let declared = |path: &Names| {
            (0..path.len()).all(|depth| {
                modules
                    .get(&path[..depth])
                    .is_some_and(|parent: &Module| parent.children.contains(&path[depth]))
            })
        };
        let tests: Vec<Names> = modules.keys().filter(|path| !declared(path)).cloned().collect();
        for path in tests {
            modules.remove(&path);
        }
        Self(modules)
    }

    /// Returns the number of modules.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns the uses that are part of a circle between the files and folders of one folder, one line each.
    ///
    /// The index file of a folder is not a part of it: it declares the others and has what they share.
    pub(crate) fn circles(&self) -> Vec<String> {
        let edges = self.edges();
        let is_in_circle = |edge: &Edge| {
            let mut reached = BTreeSet::from([&edge.to]);
            let mut count = 0;
            while reached.len() > count {
                count = reached.len();
                let next = edges.keys().filter(|other| other.folder == edge.folder);
                let next: Vec<_> = next.filter(|other| reached.contains(&other.from)).collect();
                reached.extend(next.into_iter().map(|other| &other.to));
            }
            reached.contains(&edge.from)
        };
        let circular = edges.iter().filter(|(edge, _)| is_in_circle(edge));
        circular
            .map(|(Edge { folder, from, to }, example)| {
                let folder = [&["src".to_owned()], folder.as_slice()].concat().join("/");
                format!("{folder}: {from} -> {to} ({example})")
            })
            .collect()
    }

    /// Returns the contexts that the folder `shared` uses: those of this crate, and those of other crates of
    /// the workspace.
    pub(crate) fn used_by_shared(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        let is_shared = |path: &[String]| path.first().is_some_and(|name| name == "shared");
        let own = self.edges().into_keys();
        let own = own.filter(|edge| edge.folder.is_empty() && edge.from == "shared").map(|edge| edge.to);
        let used = self.0.iter().filter(|(path, _)| is_shared(path)).flat_map(|(_, module)| &module.uses);
        // A core has no contexts: what it exports is for all of them.
        let has_contexts = |krate: &str| krate.starts_with("haat_") && !krate.ends_with("_core");
        let other = used.filter(|path| has_contexts(&path[0]) && !is_shared(&path[1..]));
        (own.collect(), other.map(|path| path[1].clone()).collect())
    }

    /// Returns the uses between the parts of each folder, with an example of each.
    fn edges(&self) -> BTreeMap<Edge, String> {
        let mut edges = BTreeMap::new();
        for (user, module) in &self.0 {
            for path in &module.uses {
                let Some(used) = self.absolute(user, path) else {
                    continue;
                };
                let used = self.defining(&used, &mut BTreeSet::new());
                let common = user.iter().zip(&used).take_while(|(a, b)| a == b).count();
                if let (Some(from), Some(to)) = (user.get(common), used.get(common)) {
                    let edge = Edge { folder: user[..common].to_vec(), from: from.clone(), to: to.clone() };
                    let example = format!("{} uses {}", user.join("/"), path.join("::"));
                    edges.entry(edge).or_insert(example);
                }
            }
        }
        edges
    }

    /// Returns a path from the root of the crate; `None` if it leads to another crate.
    fn absolute(&self, user: &[String], path: &[String]) -> Option<Names> {
        let supers = path.iter().take_while(|name| *name == "super").count();
        let (base, rest) = match path[0].as_str() {
            "crate" => (0, 1),
            "self" => (user.len(), 1),
            "super" => (user.len() - supers, supers),
            child if self.0[user].children.contains(child) => (user.len(), 0),
            _ => return None,
        };
        Some([&user[..base], &path[rest..]].concat())
    }

    /// Returns the module that defines an item. Follows imports, because most items are named by their folder.
    fn defining(&self, path: &[String], seen: &mut BTreeSet<Names>) -> Names {
        let depth = (0..=path.len()).rev().find(|depth| self.0.contains_key(&path[..*depth])).unwrap_or(0);
        let (module, rest) = path.split_at(depth);
        let Some(name) = rest.first().filter(|_| seen.insert(path.to_vec())) else {
            return module.to_vec();
        };
        let Module { items, imports, globs, .. } = &self.0[module];
        if items.contains(name) {
            return module.to_vec();
        }
        if let Some(import) = imports.get(name) {
            let import = self.absolute(module, import);
            return import.map_or(module.to_vec(), |import| self.defining(&import, seen));
        }
        // A mock is defined where its trait is.
        let names = [name.as_str(), name.trim_start_matches("Mock")];
        let globs = globs.iter().filter_map(|glob| self.absolute(module, glob));
        let mut defining = globs.filter(|glob| {
            self.0.get(glob).is_some_and(|glob| names.iter().any(|name| glob.items.contains(*name)))
        });
        defining.next().unwrap_or_else(|| module.to_vec())
    }
}

impl Module {
    fn parse(tokens: &[String]) -> Self {
        let mut module = Self::default();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let next = tokens.get(at + 1).map_or("", String::as_str);
            let is_start = at == 0 || tokens[at - 1] != "::";
            match token.as_str() {
                "use" => {
                    at = module.parse_use(tokens, at + 1, &[]);
                    continue;
                }
                "mod" if tokens.get(at + 2).is_some_and(|token| token == ";") => {
                    module.children.insert(next.to_owned());
                }
                "struct" | "enum" | "trait" | "fn" | "type" | "const" | "static" => {
                    module.items.insert(next.to_owned());
                }
                "macro_rules" => {
                    module.items.extend(tokens.get(at + 2).cloned());
                }
                name if next == "::"
                    && is_start
                    && (["crate", "self", "super"].contains(&name)
                        || name.starts_with("haat_")
                        || module.children.contains(name)) =>
                {
                    let names = tokens[at..].chunks(2).take_while(|pair| is_name(&pair[0]));
                    let end = names.clone().take_while(|pair| pair.get(1).is_some_and(|token| token == "::"));
                    let path = names.take(end.count() + 1).map(|pair| pair[0].clone()).collect::<Names>();
                    at += path.len() * 2 - 1;
                    module.uses.push(path);
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
        module
    }

    /// Parses one branch of a `use` and returns the position after it.
    fn parse_use(&mut self, tokens: &[String], mut at: usize, base: &[String]) -> usize {
        let mut path = base.to_vec();
        loop {
            match tokens[at].as_str() {
                "{" => {
                    at += 1;
                    while tokens[at] != "}" {
                        at = self.parse_use(tokens, at, &path);
                        at += usize::from(tokens[at] == ",");
                    }
                    return at + 1;
                }
                "*" => {
                    self.uses.push(path.clone());
                    self.globs.push(path);
                    return at + 1;
                }
                "self" if !path.is_empty() => {}
                name => path.push(name.to_owned()),
            }
            at += 1;
            if tokens[at] != "::" {
                break;
            }
            at += 1;
        }
        let alias = if tokens[at] == "as" { Some(tokens[at + 1].clone()) } else { path.last().cloned() };
        at += if tokens[at] == "as" { 2 } else { 0 };
        self.uses.push(path.clone());
        self.imports.extend(alias.map(|alias| (alias, path)));
        at
    }
}
