//! No two files of a crate depend on each other, directly or through others.
//!
//! A file may use what its parents define, and they use their children; that alone is no cycle.
//! Test modules do not count.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Attribute, Item, ItemUse, UseTree,
    visit::{self, Visit},
};

/// Names below the crate's root: `["scrape", "runner"]`.
type Module = Vec<String>;

/// A name that a file brings in, and where from.
#[derive(Clone)]
struct Import {
    /// As written: `["super", "runner", "Runner"]`.
    path: Vec<String>,
    name: String,
}

/// What one file declares and mentions.
#[derive(Default)]
struct Source {
    imports: Vec<Import>,
    /// Paths in the code, as written.
    paths: Vec<Vec<String>>,
    /// Names of the items that the file itself defines.
    items: BTreeSet<String>,
}

/// The files of one crate, by module.
struct Crate(BTreeMap<Module, Source>);

impl Crate {
    fn read(src: &Path) -> Self {
        let mut files = Vec::new();
        list(src, &mut files);
        let mut modules = BTreeMap::new();
        for file in files {
            let relative = file.strip_prefix(src).unwrap().with_extension("");
            let mut module: Module =
                relative.iter().map(|it| it.to_str().unwrap().to_owned()).collect();
            if module == ["lib"] || module == ["main"] {
                module.clear();
            }
            let parsed = syn::parse_file(&fs::read_to_string(&file).unwrap())
                .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            let mut source = Source::default();
            source.visit_file(&parsed);
            modules.insert(module, source);
        }
        Self(modules)
    }

    /// The files that each file uses, its own parents left out.
    fn dependencies(&self) -> BTreeMap<&Module, BTreeSet<&Module>> {
        self.0
            .iter()
            .map(|(module, source)| {
                let imported = source.imports.iter().map(|it| &it.path);
                let used = imported
                    .chain(&source.paths)
                    .filter_map(|path| self.absolute(module, path))
                    .filter_map(|path| self.resolve(&path, 0))
                    .filter(|it| !module.starts_with(it));
                (module, used.collect())
            })
            .collect()
    }

    /// The path from the crate's root; `None` when it leads out of the crate.
    fn absolute(&self, module: &Module, path: &[String]) -> Option<Vec<String>> {
        let supers = path.iter().take_while(|it| *it == "super").count();
        let (base, rest) = match path.first()?.as_str() {
            "crate" => (&module[..0], &path[1..]),
            "self" => (&module[..], &path[1..]),
            "super" => (&module[..module.len().checked_sub(supers)?], &path[supers..]),
            first => {
                let child = [module.as_slice(), &[first.to_owned()]].concat();
                self.0.get(&child)?;
                (&module[..], path)
            }
        };
        Some([base, rest].concat())
    }

    /// The file that defines the item at `path`, through imports: a child sees its parent's.
    fn resolve(&self, path: &[String], depth: usize) -> Option<&Module> {
        if depth > 8 {
            return None;
        }
        let (module, source) =
            (0..=path.len()).rev().find_map(|n| self.0.get_key_value(&path[..n]))?;
        let Some(item) = path.get(module.len()) else { return Some(module) };
        if source.items.contains(item) {
            return Some(module);
        }
        let exported = source.imports.iter().filter_map(|import| {
            let target = self.absolute(module, &import.path)?;
            if import.name == "*" {
                let (_, globbed) = self.0.get_key_value(&target[..target.len() - 1])?;
                globbed.items.contains(item).then_some(())?;
                return self.resolve(&target[..target.len() - 1], depth + 1);
            }
            (import.name == *item).then(|| self.resolve(&target, depth + 1))?
        });
        exported.into_iter().next().or(Some(module))
    }
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_stem().unwrap().to_str().unwrap();
        if path.is_dir() && !matches!(name, "tests" | "bin") {
            list(&path, files);
        } else if path.extension().is_some_and(|it| it == "rs") && !name.ends_with("tests") {
            files.push(path);
        }
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|it| {
        it.path().is_ident("cfg")
            && it.meta.require_list().is_ok_and(|list| list.tokens.to_string().contains("test"))
    })
}

impl<'ast> Visit<'ast> for Source {
    fn visit_item(&mut self, item: &'ast Item) {
        let (name, attributes) = match item {
            Item::Const(it) => (Some(&it.ident), &it.attrs),
            Item::Enum(it) => (Some(&it.ident), &it.attrs),
            Item::Fn(it) => (Some(&it.sig.ident), &it.attrs),
            Item::Static(it) => (Some(&it.ident), &it.attrs),
            Item::Struct(it) => (Some(&it.ident), &it.attrs),
            Item::Trait(it) => (Some(&it.ident), &it.attrs),
            Item::Type(it) => (Some(&it.ident), &it.attrs),
            Item::Mod(it) => (None, &it.attrs),
            Item::Use(it) => (None, &it.attrs),
            Item::Impl(it) => (None, &it.attrs),
            _ => return visit::visit_item(self, item),
        };
        if !is_for_tests(attributes) {
            self.items.extend(name.map(ToString::to_string));
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        flatten(&item.tree, &mut Vec::new(), &mut self.imports);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.paths.push(path.segments.iter().map(|it| it.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    /// A macro's input is not parsed; the names it defines and the paths in it are found by shape.
    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        visit::visit_macro(self, item);
        self.visit_tokens(item.tokens.clone());
    }
}

impl Source {
    fn visit_tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for (index, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 && !path.is_empty() {
                        self.paths.push(std::mem::take(&mut path));
                    }
                    path.push(ident.to_string());
                    let defines = ["static", "struct", "enum"]
                        .into_iter()
                        .any(|it| index > 0 && tokens[index - 1].to_string() == it);
                    if defines {
                        self.items.insert(ident.to_string());
                    }
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                other => {
                    if !path.is_empty() {
                        self.paths.push(std::mem::take(&mut path));
                    }
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.visit_tokens(group.stream());
                    }
                }
            }
        }
        if !path.is_empty() {
            self.paths.push(path);
        }
    }
}

fn flatten(tree: &UseTree, prefix: &mut Vec<String>, imports: &mut Vec<Import>) {
    let mut import = |last: Option<String>, name: String| {
        let path = prefix.iter().cloned().chain(last).collect();
        imports.push(Import { path, name });
    };
    match tree {
        UseTree::Path(it) => {
            prefix.push(it.ident.to_string());
            flatten(&it.tree, prefix, imports);
            prefix.pop();
        }
        UseTree::Group(it) => {
            it.items.iter().for_each(|it| flatten(it, prefix, imports));
        }
        UseTree::Name(it) if it.ident == "self" => {
            let name = prefix.last().cloned().unwrap_or_default();
            import(None, name);
        }
        UseTree::Name(it) => import(Some(it.ident.to_string()), it.ident.to_string()),
        UseTree::Rename(it) => import(Some(it.ident.to_string()), it.rename.to_string()),
        UseTree::Glob(_) => import(Some("*".to_owned()), "*".to_owned()),
    }
}

/// The files that a walk along dependencies reaches from `from`.
fn reachable<'a>(
    from: &'a Module,
    dependencies: &BTreeMap<&'a Module, BTreeSet<&'a Module>>,
) -> BTreeSet<&'a Module> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&Module> = dependencies[from].iter().copied().collect();
    while let Some(module) = next.pop() {
        if reached.insert(module) {
            next.extend(&dependencies[module]);
        }
    }
    reached
}

/// Each file that reaches itself, with the files of its circle that it uses.
fn cycles(src: &Path) -> String {
    let sources = Crate::read(src);
    let dependencies = sources.dependencies();
    let mut found = String::new();
    for (module, used) in &dependencies {
        if reachable(module, &dependencies).contains(module) {
            let back = used.iter().filter(|it| reachable(it, &dependencies).contains(module));
            let back: Vec<_> = back.map(|it| it.join("::")).collect();
            let _ = writeln!(found, "  {} uses {}", module.join("::"), back.join(", "));
        }
    }
    found
}

#[test]
fn no_files_depend_on_each_other() {
    let mut found = String::new();
    for (name, package) in super::packages() {
        let cycles = cycles(&package.folder.join("src"));
        if !cycles.is_empty() {
            let _ = write!(found, "{name}:\n{cycles}");
        }
    }
    assert!(found.is_empty(), "files that depend on each other:\n{found}");
}

#[test]
fn a_cycle_is_found_through_other_files_and_children() {
    let folder = temporary_folder();
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    write("lib.rs", "mod a; mod b; mod c; pub use a::A;");
    write("a.rs", "use crate::b::{self, B}; pub struct A(B);");
    write("b.rs", "pub struct B; fn f() { super::c::g(); }");
    write("c.rs", "pub fn g() { crate::catalog! { pub static X = crate::A::new(); } }");
    assert_eq!(cycles(&folder), "  a uses b\n  b uses c\n  c uses a\n");

    write("c.rs", "pub fn g() {} #[cfg(test)] mod tests { use crate::A; }");
    assert_eq!(cycles(&folder), "");

    write("lib.rs", "mod a; mod b; mod c;");
    write("a.rs", "mod child; fn f() { child::g(); } pub struct A;");
    write("b.rs", "use super::a::A;");
    fs::create_dir_all(folder.join("a")).unwrap();
    write("a/child.rs", "use super::A; use crate::b::B; pub fn g() {}");
    assert_eq!(cycles(&folder), "  a uses a::child\n  a::child uses b\n  b uses a\n");
    fs::remove_dir_all(folder).unwrap();
}

fn temporary_folder() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("pulso-cycles-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    folder
}
