"""jupyter_kernel_test on Wirebook: every test of the suite has its samples, so none is skipped."""

import unittest

import jupyter_kernel_test


class WirebookTests(jupyter_kernel_test.KernelTests):
    kernel_name = "wirebook"
    language_name = "typescript"
    file_extension = ".ts"

    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('to stderr')"
    completion_samples = [
        {"text": "JSON.str", "matches": {"stringify"}},
        {"text": "proces", "matches": {"process"}},
    ]
    complete_code_samples = ["1 + 1", "function f(n: number) {\n  return n;\n}", "const s = `two\nlines`"]
    incomplete_code_samples = ["function f() {", "const s = `two", "[1, 2,", "/* not yet"]
    invalid_code_samples = ["import = 7q", "const = 3;", "}{"]
    code_page_something = "Math.max?"
    code_generate_error = "throw new Error('on purpose')"
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": "const answer: string = 'yes'; answer", "result": "'yes'"},
        {"code": "[1, 2].map((n) => n * 2)", "result": "[ 2, 4 ]"},
    ]
    code_display_data = [
        {"code": "await display(html`<b>hi</b>`)", "mime": "text/html"},
        {"code": "await display(svg`<svg/>`)", "mime": "image/svg+xml"},
    ]
    code_history_pattern = "6 ? 7*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "process"
    code_clear_output = "clearOutput()"


if __name__ == "__main__":
    unittest.main()
