from hanlin.symbols.client import SymbolClient
from hanlin.symbols.symbol import LANGUAGES, Symbol

SOURCES = {
    "python": ("@d\nclass A:\n    def b(self):\n        pass\n", ["A", "b"]),
    "javascript": ("export const f = (a) => a;\nclass K { m() {} }\n", ["f", "K", "m"]),
    "typescript": ("interface I { a: number }\nfunction g(): void {}\n", ["I", "g"]),
    "tsx": ("function App() { return <div/>; }\n", ["App"]),
    "java": ("class A { A() {} int m() { return 1; } }", ["A", "A", "m"]),
    "go": ("package x\ntype T struct {}\nfunc (t T) M() {}\n", ["T", "M"]),
    "rust": ("struct S;\nimpl S { fn a(&self) {} }\n", ["S", "S", "a"]),
    "c": ("struct s { int a; };\nint main(void) { return 0; }\n", ["s", "main"]),
}


def test_what_a_file_defines_is_found_in_every_language_and_nonsense_does_no_harm() -> None:
    client = SymbolClient()
    try:
        assert set(SOURCES) == LANGUAGES
        for language, (source, names) in SOURCES.items():
            assert [one.name for one in client.symbols(source, language)] == names
        first, *_rest = client.symbols(SOURCES["python"][0], "python")
        assert first == Symbol("A", "class", 0, 3)
        assert client.symbols("((((" * 100_000, "python") == []
        assert client.symbols("x", "cobol") == []
        assert [one.name for one in client.symbols("def 函数():\n    pass\n", "python")] == ["函数"]
    finally:
        client.close()
