"""Snippets that exercise each construct of chat templates, and whole templates built like known ones.

A snippet is (template, variables). BEYOND holds constructs that no chat template in wide use needs.
"""

PEOPLE = {
    "people": [
        {"name": "Ada", "age": 36, "role": "user"},
        {"name": "Bob", "age": 20, "role": "tool", "note": None},
        {"name": "cleo", "age": 36, "role": "user", "note": "n"},
    ]
}
UNICODE = {"text": "Größe ß Ǆ İ 👩‍👩‍👧 日本\u200b\u00a0\n\t\"'\\"}
TOOL = {
    "tool": {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "Weather <now> & \"later\"; it's 20°",
            "parameters": {"type": "object", "properties": {"city": {"type": "string", "enum": ["Köln", "Nice"]}}, "required": []},
        },
    }
}  # fmt: skip

SNIPPETS = [
    # Output of each kind of value
    ("{{ 'text' }}|{{ \"it's\" }}|{{ 'a\\nb\\t\\\\c\\'d' }}", {}),
    ("{{ none }} {{ None }} {{ true }} {{ True }} {{ false }} {{ False }}", {}),
    ("{{ 0 }} {{ 42 }} {{ -7 }} {{ 1_000 }}", {}),
    ("{{ 1.0 }} {{ 0.1 + 0.2 }} {{ 1e16 }} {{ 1e15 }} {{ 1e-5 }} {{ 0.0001 }} {{ 123456789.123456789 }} {{ -0.0 }} {{ 1.5e300 }}", {}),
    ("{{ values }}", {"values": [1, 2.5, "a", "it's", 'say "x"', "both ' and \"", None, True, [], {}, ["n"], {"k": "v", "1": 2}]}),
    ("{{ text }} {{ [text] }}", UNICODE),
    ("{{ [1, 'a', none, true, 1.5] }} {{ (1, 2) }} {{ (1,) }} {{ () }} {{ {'a': 1, 'b': [2]} }} {{ {} }}", {}),
    ("{{ big }} {{ small }} {{ big + 1 }}", {"big": 9007199254740993, "small": -9007199254740993}),
    # Operators
    ("{{ 1 + 2 * 3 - 4 }} {{ (1 + 2) * 3 }} {{ 7 / 2 }} {{ 6 / 2 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ 7 % 3 }} {{ -7 % 3 }} {{ 2 ** 10 }} {{ 7.5 // 2 }} {{ 2 * 1.5 }}", {}),
    ("{{ 'a' + 'b' }} {{ 'a' ~ 1 ~ none ~ true ~ 1.5 }} {{ 'ab' * 3 }} {{ [1] + [2, 3] }} {{ -x }} {{ +x }}", {"x": 3}),
    ("{{ 1 == 1.0 }} {{ '1' == 1 }} {{ true == 1 }} {{ [1, 2] == [1, 2] }} {{ {'a': 1} == {'a': 1.0} }} {{ none == false }} {{ 'a' < 'b' }} {{ 'Z' < 'a' }} {{ 2 > 1 }} {{ 1 <= 1 }} {{ 1 >= 2 }} {{ 1 != 2 }}", {}),
    ("{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ not 1 == 2 }} {{ not (1 == 1) }}", {}),
    ("{{ 'a' in 'cat' }} {{ 'x' not in 'cat' }} {{ 2 in [1, 2] }} {{ 'k' in {'k': 1} }} {{ 'v' in {'k': 'v'} }} {{ '' in 'a' }} {{ not 'a' in 'b' }}", {}),
    ("{{ 0 or 'x' }} {{ 'a' and 'b' }} {{ '' or none }} {{ 1 and 0 }} {{ none or [] }} {{ true and not false }} {{ 1 or missing.x }}", {}),
    ("{{ 'yes' if x else 'no' }}|{{ 'yes' if y }}|{{ 'a' if x and y else 'b' if x else 'c' }}|{{ ('p' if y else 'q') + 'r' }}", {"x": 1, "y": 0}),
    ("{{ 'a' ~ 'b' | upper }} {{ ('a' ~ 'b') | upper }} {{ -3 | abs }} {{ 1 + 2 | string | length }} {{ not x is defined }} {{ x is not defined }}", {}),
    # Subscripts and slices
    ("{{ l[0] }} {{ l[-1] }} {{ l[1:] }} {{ l[:-1] }} {{ l[::2] }} {{ l[::-1] }} {{ l[3:1] }} {{ l[-2:] }} {{ l[1:100] }} {{ l[4:0:-2] }} [{{ l[9] }}]", {"l": [0, 1, 2, 3, 4]}),
    ("{{ s[0] }} {{ s[-1] }} {{ s[1:3] }} {{ s[::-1] }} {{ s[:1] }} [{{ s[9] }}] [{{ s[5:] }}]", {"s": "aßö日😀"}),
    ("{{ d.a }} {{ d['a'] }} {{ d['b'].c }} {{ d.b['c'] }} [{{ d.missing }}] [{{ d['missing'] }}] {{ d[k] }}", {"d": {"a": 1, "b": {"c": 2}}, "k": "a"}),
    ("{{ messages[0]['content'][1].text }}", {"messages": [{"content": [{"type": "image"}, {"type": "text", "text": "deep"}]}]}),
    ("{{ d['items'] }} {{ d.get('items') }}", {"d": {"items": "shadow"}}),
    # if
    ("{% if x %}1{% endif %}{% if not x %}0{% else %}1{% endif %}{% if x == 1 %}a{% elif x == 2 %}b{% elif x == 3 %}c{% else %}d{% endif %}", {"x": 2}),
    ("{% for v in values %}{{ 'T' if v else 'F' }}{% endfor %}", {"values": [0, 1, "", "0", [], [0], {}, {"a": 0}, None, False, True, 0.0, 0.1]}),
    # for
    ("{% for x in [1, 2, 3] %}{{ x }}{% if not loop.last %}, {% endif %}{% endfor %}", {}),
    ("{% for x in 'abc' %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ x }} {% endfor %}", {}),
    ("{% for x in [5, 6, 7] %}[{{ loop.previtem }}<{{ x }}>{{ loop.nextitem }}]{{ loop.previtem is defined }}{{ loop.nextitem is defined }}{% endfor %}", {}),
    ("{% for x in [] %}x{% else %}empty{% endfor %}{% for x in [1] %}x{% else %}empty{% endfor %}", {}),
    ("{% for x in [1, 2, 3, 4, 5] if x % 2 %}{{ loop.index }}:{{ x }}/{{ loop.length }} {% endfor %}", {}),
    ("{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}{% for k in d %}{{ k }}{% endfor %}", {"d": {"b": 1, "a": 2}}),
    ("{% for a, (b, c) in [[1, [2, 3]], [4, [5, 6]]] %}{{ a }}{{ b }}{{ c }} {% endfor %}", {}),
    ("{% for a in [1, 2] %}{% for b in [3, 4] %}{{ loop.index }}{{ a }}{{ b }} {% endfor %}{{ loop.index }};{% endfor %}", {}),
    ("{% for x in range(10) %}{% if x == 2 %}{% continue %}{% endif %}{% if x == 5 %}{% break %}{% endif %}{{ x }}{% endfor %}", {}),
    ("{% set x = 1 %}{% for i in [1, 2] %}{% set x = x + i %}{{ x }}{% endfor %}{{ x }}", {}),
    ("{% for x in missing %}x{% else %}none{% endfor %}", {}),
    ("{% for i in range(3) %}{{ i }}{% endfor %}|{% for i in range(2, 8, 3) %}{{ i }}{% endfor %}|{% for i in range(3, 0, -1) %}{{ i }}{% endfor %}|{{ range(4) | list }}", {}),
    ("{% for m in messages[1:] %}{{ m }}{% endfor %}{% for m in messages | reverse %}{{ m }}{% endfor %}{% for m in messages[::-1] %}{{ m }}{% endfor %}", {"messages": ["a", "b", "c"]}),
    # set, namespace, scope
    ("{% set a = 1 %}{% set b, c = 2, 3 %}{% set d = (4, 5) %}{{ a }}{{ b }}{{ c }}{{ d }}{{ d[1] }}", {}),
    ("{% set ns = namespace(n=0, found=false) %}{% for x in [1, 2, 3] %}{% set ns.n = ns.n + x %}{% if x == 2 %}{% set ns.found = true %}{% endif %}{% endfor %}{{ ns.n }} {{ ns.found }}", {}),
    ("{% set ns = namespace() %}{% set ns.last = -1 %}[{{ ns.missing }}]{{ ns.last }}{{ ns.missing is defined }}", {}),
    ("{% set text %}\n  <b>{{ x }}</b>\n{% endset %}[{{ text }}]{{ text | trim | length }}", {"x": 1}),
    ("{% set text | upper %}abc{{ x }}{% endset %}{{ text }}", {"x": "d"}),
    ("{% if true %}{% set inside = 1 %}{% endif %}{{ inside }}", {}),
    ("{% set x = x | default('d') %}{{ x }}", {}),
    # macro
    ("{% macro m(a, b=2, c='z') %}<{{ a }}{{ b }}{{ c }}>{% endmacro %}{{ m(1) }}{{ m(1, 3) }}{{ m(1, c='y') }}{{ m(b=9, a=8) }}{{ m() }}", {}),
    ("{%- macro tag(name, body) -%}\n  <{{ name }}>{{ body }}</{{ name }}>\n{%- endmacro -%}\n{{ tag('b', tag('i', 'x')) }}", {}),
    ("{% macro count(n) %}{{ n }}{% if n > 0 %}{{ count(n - 1) }}{% endif %}{% endmacro %}{{ count(3) }}", {}),
    ("{% set x = 'global' %}{% macro m() %}{{ x }}{{ y }}{% endmacro %}{% set y = 'later' %}{{ m() }}", {}),
    # Filters
    ("{{ d | tojson }}", {"d": {"s": "é<>&'\"\\/\n\u2028\u0001", "n": None, "b": True, "f": 1.0, "e": 1e22, "i": 3, "l": [], "o": {}, "t": [1, [2]]}}),
    ("{{ tool | tojson(indent=2) }}", TOOL),
    ("{{ tool | tojson(indent=4) }}\n{{ [] | tojson(indent=4) }}{{ {} | tojson(indent=4) }}", TOOL),
    ("{{ 'a\"é' | tojson }} {{ 1 | tojson }} {{ 1.5 | tojson }} {{ none | tojson }} {{ [true] | tojson }} {{ (1, 'x') | tojson }}", {}),
    ("{{ {'b': 1, 'a': [1, 2]} | tojson(sort_keys=true) }} {{ [1, {'a': 2}] | tojson(separators=(',', ':')) }} {{ 'é😀' | tojson(ensure_ascii=true) }}", {}),
    ("{{ 'abc' | length }} {{ [1, 2] | length }} {{ {'a': 1} | length }} {{ text | length }} {{ '' | length }} {{ missing | length }} {{ 'ab' | count }}", UNICODE),
    ("[{{ '  a b \n' | trim }}] [{{ 'xxaxx' | trim('x') }}] [{{ ' \u00a0\u3000a\u2003' | trim }}]", {}),
    ("{{ 1 | string + 'x' }} {{ none | string }} {{ 1.0 | string }} {{ [1, 'a'] | string }} {{ true | string }}", {}),
    ("{% for k, v in d | items %}{{ k }}:{{ v }} {% endfor %}{% for k, v in missing | items %}x{% endfor %}", {"d": {"z": 1, "y": 2}}),
    ("{{ ['a', 'b', 1, none] | join(', ') }} {{ [1, 2] | join }} {{ 'abc' | join('-') }} {{ people | join('/', attribute='name') }}", PEOPLE),
    ("{{ missing | default('d') }} [{{ none | default('d') }}] {{ none | default('d', true) }} {{ '' | default('d', true) }} {{ 0 | default(1) }} {{ d.x | default(d.y) | default('z') }} [{{ missing | default }}] {{ false | default('t', boolean=true) }}", {"d": {}}),
    ("{{ 'abc' | list }} {{ {'a': 1} | list }} {{ d.items() | list }}", {"d": {"x": 1, "y": [2]}}),
    ("{{ '<b>' | safe }} {{ ('<b>' | safe) + 'x' }}", {}),
    ("{{ people | selectattr('role', 'equalto', 'user') | map(attribute='name') | list }} {{ people | selectattr('note') | list | length }} {{ people | selectattr('note', 'defined') | map(attribute='name') | join(',') }} {{ people | selectattr('age', '==', 20) | first }}", PEOPLE),
    ("{{ people | rejectattr('role', 'equalto', 'user') | map(attribute='name') | list }} {{ people | rejectattr('note', 'none') | map(attribute='name') | list }} {{ people | selectattr('role', 'in', ['tool', 'x']) | list | length }}", PEOPLE),
    ("{{ ['a', 'b'] | map('upper') | list }} {{ [' a '] | map('trim') | list }} {{ people | map(attribute='note', default='-') | list }} {{ ['1', '2'] | map('int') | list }}", PEOPLE),
    ("{{ 'HeLLo ÀÉ ЖΩ' | lower }} {{ 'hello àé жω' | upper }} {{ 'hELLO wORLD' | capitalize }} {{ 'éA' | capitalize }} {{ '' | capitalize }}", {}),
    ("{{ d | dictsort }} {% for k, v in d | dictsort %}{{ k }}{{ v }} {% endfor %}{{ d | dictsort(true) }} {{ d | dictsort(by='value') }}", {"d": {"b": 1, "a": 3, "C": 2}}),
    ("{{ 'a.b.c' | replace('.', '-') }} {{ 'aaa' | replace('a', 'b', 2) }} {{ 'abc' | replace('', '-') }}", {}),
    ("{{ 'a\nb\n\nc' | indent }}|{{ 'a\nb' | indent(2) }}|{{ 'a\n\nb' | indent(2, true, true) }}|{{ 'a\nb' | indent(width=3, first=true) }}", {}),
    ("{{ [3, 1, 3, 2, 1] | unique | list }} {{ ['a', 'A', 'b'] | unique | list }}", {}),
    ("{{ [1, 2] | first }} {{ [1, 2] | last }} {{ 'xyz' | first }}{{ 'xyz' | last }} [{{ [] | first }}]", {}),
    ("{{ '42' | int }} {{ '4.9' | int }} {{ 'x' | int }} {{ 'x' | int(7) }} {{ 3.99 | int }} {{ -3.99 | int }} {{ ' 5 ' | int }} {{ true | int }} {{ none | int }}", {}),
    ("{{ [3, 1, 2] | sort }} {{ ['b', 'A', 'c'] | sort }} {{ ['b', 'A', 'c'] | sort(case_sensitive=true) }} {{ [1, 2] | sort(reverse=true) }} {{ people | sort(attribute='age') | map(attribute='name') | list }}", PEOPLE),
    ("{% filter upper %}abc {{ x }}{% endfilter %}", {"x": "déf"}),
    # Tests
    ("{{ x is defined }} {{ y is defined }} {{ y is not defined }} {{ y is undefined }} {{ n is defined }} {{ d.k is defined }} {{ d.z is defined }} {{ d['z'] is undefined }}", {"x": 0, "n": None, "d": {"k": None}}),
    ("{{ n is none }} {{ y is none }} {{ 0 is none }} {{ n is not none }} {{ d.z is none }} {{ d.k is none }} {{ d.get('z') is none }}", {"n": None, "d": {"k": None}}),
    ("{% for v in values %}{{ v is string }},{{ v is mapping }},{{ v is iterable }},{{ v is sequence }},{{ v is number }},{{ v is boolean }},{{ v is none }},{{ v is true }},{{ v is false }},{{ v is integer }},{{ v is float }} {% endfor %}", {"values": ["s", {"a": 1}, [1], 1, 1.5, True, False, None]}),
    ("{{ missing is string }} {{ missing is iterable }} {{ missing is mapping }} {{ missing is sequence }} {{ (1, 2) is sequence }} {{ range(2) is iterable }}", {}),
    ("{{ 1 is odd }} {{ 2 is even }} {{ 9 is divisibleby 3 }} {{ 1 is equalto 1 }} {{ 'a' is in ['a'] }} {{ 'b' is in 'abc' }} {{ 'a' is eq('a') }} {{ 2 is gt 1 }} {{ 1 is sameas 1 }} {{ 'ab' is lower }} {{ 'AB' is upper }}", {}),
    # Methods
    ("{{ 'a,b,,c'.split(',') }} {{ ' a  b \n c '.split() }} {{ 'a,b,c'.split(',', 1) }} {{ ''.split(',') }} {{ ''.split() }} {{ 'a</think>b'.split('</think>')[-1] }} {{ 'a--b'.split('--') | last }} {{ 'a,b,c'.rsplit(',', 1) }}", {}),
    ("[{{ '  a '.strip() }}] [{{ '\n\na\n'.lstrip('\n') }}] [{{ 'a\n\n'.rstrip('\n') }}] [{{ 'xyaxy'.strip('xy') }}] [{{ '\u00a0a\u2003'.strip() }}] [{{ ' a '.lstrip() }}] [{{ ' a '.rstrip() }}]", {}),
    ("{{ 'abc'.startswith('ab') }} {{ 'abc'.endswith('bc') }} {{ 'abc'.startswith('') }} {{ 'abc'.startswith(('x', 'a')) }} {{ 'ab'.endswith('abc') }}", {}),
    ("{{ 'aXbX'.replace('X', '--') }} {{ 'aaa'.replace('a', 'b', 1) }} {{ 'hELLO'.upper() }} {{ 'HeLLO'.lower() }} {{ 'hello world'.title() }} {{ 'hELLO'.capitalize() }}", {}),
    ("{{ d.get('a') }} {{ d.get('z') }} {{ d.get('z', 'fallback') }} {{ d.items() | list }} {{ d.keys() | list }} {{ d.values() | list }}", {"d": {"a": 1, "b": 2}}),
    ("{{ 'a-b'.find('-') }} {{ 'ab'.find('z') }} {{ 'banana'.count('a') }} {{ '-'.join(['a', 'b']) }} {{ 'ab'.isdigit() }} {{ '12'.isdigit() }}", {}),
    # Globals and errors
    ("{{ raise_exception('No ' + kind + ' here!') }}", {"kind": "système"}),
    ("{% if messages | length > 1 %}{{ raise_exception('Too many') }}{% endif %}fine", {"messages": [1]}),
    ("{{ strftime_now('plain') }}{{ strftime_now('%Y-%m-%d') | length }}", {}),
    ("{{ missing.attribute }}", {}),
    ("{{ missing['key'] }}", {}),
    ("{{ 'a' + missing }}", {}),
    ("{{ 'a' + 1 }}", {}),
    ("{{ 'a' + none }}", {}),
    ("{{ missing() }}", {}),
    ("{{ missing | tojson }}", {}),
    ("{{ 1 // 0 }}", {}),
    ("{{ 1 < 'a' }}", {}),
    ("{{ x.missing.deeper }}", {"x": {}}),
    ("{{ 'x' | no_such_filter }}", {}),
    ("{{ 'x' is no_such_test }}", {}),
    ("{% set _ = l.append(1) %}{{ l }}", {"l": []}),
    ("{% set _ = d.pop('a') %}{{ d }}", {"d": {"a": 1}}),
    ("{{ ''.__class__ }}", {}),
    ("{% if %}", {}),
    ("{% for x in y %}", {}),
    ("{{ 'unclosed }}", {}),
    ("{% endif %}", {}),
    ("{{ a b }}", {}),
    # Undefined is quiet in these places
    ("[{{ missing }}] {{ missing ~ 'x' }} {{ 'T' if missing else 'F' }} {{ missing == none }} {{ missing == missing2 }} {{ missing | string | length }} {{ missing | list }} {{ missing | join }} {{ 'a' in missing }} {{ missing | upper }}", {}),
    # Whitespace
    ("a\n{% if true %}\nb\n{% endif %}\nc\n", {}),
    ("a\n   {% if true %}   \nb\n   {% endif %}\nc\n\n", {}),
    ("  a  {%- if true -%}  b  {%- endif -%}  c  ", {}),
    ("a\n\n  {{- 'b' -}}  \n\nc", {}),
    ("a\n  {{ 'b' }}\n  c\n", {}),
    ("  {% set x = 1 %}\n  {{ x }}\n", {}),
    ("a {# comment #}\nb\n  {# comment #}\nc {#- comment -#} d\n{# two\nlines #}\ne", {}),
    ("  {%+ if true %}\n x{% endif +%}\n y", {}),
    ("{% for x in [1, 2] -%}\n  {{ x }}\n{%- endfor %}\n|", {}),
    ("{% for x in [1, 2] %}\n  {{- x }},\n{% endfor %}\n", {}),
    ("a\r\n{% if true %}\r\nb\r\n{% endif %}\r\n", {}),
    ("\n\n{{ 'x' }}\n\n", {}),
    ("{{ 'tab' }}\t{% if true %}\t{% endif %}\t|", {}),
    ("{{'a'}}{{ '}}' }}{{ \"{%\" }}{{ '{{' }}% } #} {", {}),
    ("{{\n  'multi'\n  ~ 'line'\n}}{%\n if true\n %}x{%\nendif\n%}", {}),
    ("{{ 'a' 'b' }}{{ [1, 2,] }}{{ {'a': 1,} }}{{ 'x' if true else 'y', }}", {}),
    ("{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}", {"message": {"role": "user", "content": "Hi <b>"}}),
]  # fmt: skip

BEYOND = [
    ("{{ 'ß ŉ ﬁ' | upper }} {{ 'İ' | lower }} {{ 'ßa' | capitalize }} {{ 'ΑΣ' | lower }}", {}),
    ("{% raw %}{{ not a variable }}{% endraw %}", {}),
    ("{% generation %}a{{ x }}{% endgeneration %}", {"x": 1}),
    ("{% macro m() %}{{ caller(1) }}{% endmacro %}{% call(x) m() %}<{{ x }}>{% endcall %}", {}),
    ("{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, a=2) }}", {}),
    ("{% for x in tree recursive %}{{ x.n }}{% if x.c %}({{ loop(x.c) }}){% endif %}{% endfor %}", {"tree": [{"n": 1, "c": [{"n": 2}]}, {"n": 3}]}),
    ("{% for x in [1, 2, 3] %}{{ loop.cycle('a', 'b') }}{{ loop.depth }}{{ loop.changed(x) }}{% endfor %}", {}),
    ("{% with a = 1, b = 2 %}{{ a }}{{ b }}{% endwith %}[{{ a }}]", {}),
    ("{{ dict(a=1) }} {{ [1, 2, 3] | sum }} {{ [1, 3, 2] | max }} {{ [2, 1] | min }} {{ 2.567 | round(1) }} {{ 'a b' | title }} {{ '3.5' | float }} {{ [1, 2, 3] | select('odd') | list }} {{ [1, 2, 3] | reject('odd') | list }} {{ 'abc' | reverse }} {{ '<&>' | escape }} {{ 'a b c' | wordcount }}", {}),
    ("{{ [1, 2, 3, 4, 5] | batch(2) | list }} {{ '%s-%d' | format('a', 3) }} {{ 'a%sb' % 'x' }} {{ '{}:{}'.format(1, 'z') }}", {}),
    ("{% for role, items in people | groupby('role') %}{{ role }}={{ items | map(attribute='name') | list }};{% endfor %}", PEOPLE),
]  # fmt: skip

# Whole templates of our own, built as those of known models are.
MISTRAL_STYLE = """\
{%- if messages[0]["role"] == "system" %}
    {%- set system_message = messages[0]["content"] %}
    {%- set loop_messages = messages[1:] %}
{%- else %}
    {%- set loop_messages = messages %}
{%- endif %}
{%- if not tools is defined or tools is none %}
    {%- set tools = none %}
{%- endif %}
{%- set user_messages = loop_messages | selectattr("role", "equalto", "user") | list %}
{%- set ns = namespace(index=0) %}
{%- for message in loop_messages %}
    {%- if message["role"] in ["user", "assistant"] and message.tool_calls is not defined %}
        {%- if (message["role"] == "user") != (ns.index % 2 == 0) %}
            {{- raise_exception("Roles must alternate: user, assistant, user, assistant, ...") }}
        {%- endif %}
        {%- set ns.index = ns.index + 1 %}
    {%- endif %}
{%- endfor %}
{{- bos_token }}
{%- for message in loop_messages %}
    {%- if message["role"] == "user" %}
        {%- if tools is not none and message == user_messages[-1] %}
            {{- "[AVAILABLE_TOOLS] [" }}
            {%- for tool in tools %}
                {%- set tool = tool.function %}
                {{- '{"type": "function", "function": {' }}
                {%- for key, value in tool.items() if key != "return" %}
                    {%- if value is string %}
                        {{- '"' + key + '": "' + value + '"' }}
                    {%- else %}
                        {{- '"' + key + '": ' + value | tojson }}
                    {%- endif %}
                    {%- if not loop.last %}
                        {{- ", " }}
                    {%- endif %}
                {%- endfor %}
                {{- "}}" }}
                {%- if not loop.last %}
                    {{- ", " }}
                {%- else %}
                    {{- "]" }}
                {%- endif %}
            {%- endfor %}
            {{- "[/AVAILABLE_TOOLS]" }}
        {%- endif %}
        {%- if loop.last and system_message is defined %}
            {{- "[INST] " + system_message + "\\n\\n" + message["content"] + "[/INST]" }}
        {%- else %}
            {{- "[INST] " + message["content"] + "[/INST]" }}
        {%- endif %}
    {%- elif message.tool_calls is defined and message.tool_calls is not none %}
        {{- "[TOOL_CALLS] [" }}
        {%- for call in message.tool_calls %}
            {%- set out = call.function | tojson %}
            {{- out[:-1] }}
            {%- if not call.id is defined or call.id | length != 9 %}
                {{- raise_exception("Tool call ids should be strings of length 9!") }}
            {%- endif %}
            {{- ', "id": "' + call.id + '"}' }}
            {{- ", " if not loop.last else "]" + eos_token }}
        {%- endfor %}
    {%- elif message["role"] == "assistant" %}
        {{- " " + message["content"] | trim + eos_token }}
    {%- elif message["role"] == "tool" %}
        {%- set content = message.content.content if message.content is mapping and message.content.content is defined else message.content %}
        {{- '[TOOL_RESULTS] {"content": ' + content | string + ', "call_id": "' + message.tool_call_id + '"}[/TOOL_RESULTS]' }}
    {%- else %}
        {{- raise_exception("Only user, assistant and tool roles, and a first system message, are supported!") }}
    {%- endif %}
{%- endfor %}
"""

QWEN_STYLE = """\
{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0]['role'] == 'system' %}
        {{- messages[0]['content'] }}
    {%- else %}
        {{- 'You are a helpful assistant.' }}
    {%- endif %}
    {{- "\\n\\n# Tools\\n\\nFunctions are listed within <tools></tools>:\\n<tools>" }}
    {%- for tool in tools %}
        {{- "\\n" }}
        {{- tool | tojson }}
    {%- endfor %}
    {{- "\\n</tools><|im_end|>\\n" }}
{%- else %}
    {%- if messages[0]['role'] == 'system' %}
        {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
    {%- else %}
        {{- '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}
    {%- endif %}
{%- endif %}
{%- for message in messages %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) or (message.role == "assistant" and not message.tool_calls) %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {{- '<|im_start|>' + message.role }}
        {%- if message.content %}
            {{- '\\n' + message.content }}
        {%- endif %}
        {%- for tool_call in message.tool_calls %}
            {%- if tool_call.function is defined %}
                {%- set tool_call = tool_call.function %}
            {%- endif %}
            {{- '\\n<tool_call>\\n{"name": "' }}
            {{- tool_call.name }}
            {{- '", "arguments": ' }}
            {{- tool_call.arguments | tojson }}
            {{- '}\\n</tool_call>' }}
        {%- endfor %}
        {{- '<|im_end|>\\n' }}
    {%- elif message.role == "tool" %}
        {%- if (loop.index0 == 0) or (messages[loop.index0 - 1].role != "tool") %}
            {{- '<|im_start|>user' }}
        {%- endif %}
        {{- '\\n<tool_response>\\n' }}
        {{- message.content }}
        {{- '\\n</tool_response>' }}
        {%- if loop.last or (messages[loop.index0 + 1].role != "tool") %}
            {{- '<|im_end|>\\n' }}
        {%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""

REASONING_STYLE = (
    "{% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}"
    "{% set ns = namespace(is_first=false, is_tool=false, system_prompt='') %}"
    "{%- for message in messages %}{%- if message['role'] == 'system' %}"
    "{% set ns.system_prompt = message['content'] %}{%- endif %}{%- endfor %}"
    "{{bos_token}}{{ns.system_prompt}}"
    "{%- for message in messages %}"
    "{%- if message['role'] == 'user' %}{%- set ns.is_tool = false -%}{{'<|User|>' + message['content']}}{%- endif %}"
    "{%- if message['role'] == 'assistant' and message['content'] is none %}{%- set ns.is_tool = false -%}"
    "{%- for tool in message['tool_calls']%}{%- if not ns.is_first %}"
    "{{'<|Assistant|><|calls|>' + tool['type'] + '<|sep|>' + tool['function']['name'] + '\\n' + '```json' + '\\n' + tool['function']['arguments'] | string + '\\n' + '```'}}"
    "{%- set ns.is_first = true -%}{%- else %}{{'\\n' + tool['function']['name']}}{%- endif %}{%- endfor %}"
    "{{'<|end of calls|>'}}{%- endif %}"
    "{%- if message['role'] == 'assistant' and message['content'] is not none %}{%- if ns.is_tool %}"
    "{{'<|end of outputs|>' + message['content'] + eos_token}}{%- set ns.is_tool = false -%}{%- else %}"
    "{% set content = message['content'] %}{% if '</think>' in content %}{% set content = content.split('</think>')[-1] %}{% endif %}"
    "{{'<|Assistant|>' + content + eos_token}}{%- endif %}{%- endif %}"
    "{%- if message['role'] == 'tool' %}{%- set ns.is_tool = true -%}{{'<|output|>' + message['content']}}{%- endif %}"
    "{%- endfor -%}"
    "{% if ns.is_tool %}{{'<|end of outputs|>'}}{% endif %}"
    "{% if add_generation_prompt and not ns.is_tool %}{{'<|Assistant|><think>\\n'}}{% endif %}"
)

INSTRUCT_STYLE = (
    "{% set system_text = false %}{% set turns = messages %}"
    "{% if messages and messages[0]['role'] == 'system' %}{% set system_text = messages[0]['content'] %}{% set turns = messages[1:] %}{% endif %}"
    "{% for turn in turns %}{% if (turn['role'] == 'user') == (loop.index0 % 2 == 1) %}"
    "{{ raise_exception('Turns must go user, assistant, user, ...') }}{% endif %}"
    "{% set text = turn['content'].strip() %}"
    "{% if loop.first and system_text != false %}{% set text = '## ' + system_text + '\\n\\n' + text %}{% endif %}"
    "{% if turn['role'] == 'user' %}{{ bos_token + 'Instruction: ' + text + '\\nResponse:' }}"
    "{% elif turn['role'] == 'assistant' %}{{ ' ' + text + ' ' + eos_token }}{% endif %}{% endfor %}\n"
)

OWN_TEMPLATES = {
    "mistral_style": (MISTRAL_STYLE, "<s>", "</s>"),
    "qwen_style": (QWEN_STYLE, None, "<|im_end|>"),
    "reasoning_style": (REASONING_STYLE, "<|begin|>", "<|end|>"),
    "instruct_style": (INSTRUCT_STYLE, "<s>", "</s>"),
}

WEATHER_CALL = {"type": "function", "id": "abcdefghi", "function": {"name": "get_weather", "arguments": {"city": "Köln", "days": 2}}}  # fmt: skip
CONVERSATIONS = [
    {"messages": [{"role": "user", "content": "What is the capital of France?"}], "add_generation_prompt": True},
    {"messages": [{"role": "user", "content": "Hi"}], "add_generation_prompt": False},
    {
        "messages": [
            {"role": "system", "content": "Be brief.\n"},
            {"role": "user", "content": "  Héllo <|im_end|>  "},
            {"role": "assistant", "content": "<think>\nhm\n</think>\n\nHi! 😀"},
            {"role": "user", "content": "Say \"it's\" & go\n\n"},
        ],
        "add_generation_prompt": True,
    },
    {
        "messages": [
            {"role": "user", "content": "Weather?"},
            {"role": "assistant", "content": None, "tool_calls": [WEATHER_CALL]},
            {"role": "tool", "content": "{\"temperature\": 20.5}", "tool_call_id": "abcdefghi"},
            {"role": "assistant", "content": "It is 20.5 °C."},
            {"role": "user", "content": "Thanks"},
        ],
        "tools": [TOOL["tool"]],
        "add_generation_prompt": True,
    },
    {
        "messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "Use a tool"}],
        "tools": [TOOL["tool"], TOOL["tool"]],
        "add_generation_prompt": True,
    },
    {
        "messages": [
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": "b"},
            {"role": "user", "content": "c"},
            {"role": "assistant", "content": "d"},
        ],
        "add_generation_prompt": False,
    },
    {"messages": [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}], "add_generation_prompt": True},
    {"messages": [{"role": "assistant", "content": "starts"}, {"role": "user", "content": ""}], "add_generation_prompt": True},
    {
        "messages": [
            {"role": "user", "content": "2+2?"},
            {"role": "assistant", "reasoning_content": "two and two", "content": "4"},
            {"role": "user", "content": "and 3?"},
        ],
        "add_generation_prompt": True,
        "variables": {"enable_thinking": False},
    },
    {
        "messages": [
            {"role": "user", "content": "Two cities?"},
            {"role": "assistant", "content": "", "tool_calls": [WEATHER_CALL, WEATHER_CALL]},
            {"role": "tool", "content": "20", "tool_call_id": "abcdefghi"},
            {"role": "tool", "content": "21", "tool_call_id": "abcdefghi"},
        ],
        "tools": [TOOL["tool"]],
        "add_generation_prompt": True,
    },
    {"messages": [{"role": "oracle", "content": "unknown role"}], "add_generation_prompt": True},
    {"messages": [], "add_generation_prompt": True},
]  # fmt: skip
