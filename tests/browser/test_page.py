"""The page in a real browser: the journey of a question, documents, keyboard, kept conversations."""

import json
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect
from support_page import ask, browser_test, marked, press_until
from support_server import AREA, AREA_QUOTE, IMAGE, YUNTAI, Open, Server


@browser_test
def test_a_citation_opens_the_document_at_the_exact_sentence(open_page: Open) -> None:
    page = open_page()
    ask(page, AREA)
    expect(page.locator(".turn .statement").first).to_have_text(AREA_QUOTE)
    page.hover(".turn .cite")
    for part in (AREA_QUOTE, "𠮷祥产业社区开园", "杭州日报", "2024-05-06"):
        expect(page.locator("#card")).to_contain_text(part)
    page.click(".turn .cite")
    assert marked(page, "#panel") == AREA_QUOTE  # two code points before it take two UTF-16 units each
    expect(page.locator("#panel mark").first).to_be_in_viewport()
    link = page.locator("#panel .notes a").first
    expect(link).to_have_attribute("href", "https://example.com/kaiyuan?a=1&b=2")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    page.get_by_text("全文页").click()
    assert marked(page, "#reader") == AREA_QUOTE


@browser_test
def test_a_citation_whose_document_changed_or_went_still_shows_its_quote(open_page: Open, server: Server) -> None:
    server.put("fleeting", {"title": "流云小镇", "text": "流云小镇占地12亩。"})
    page = open_page()
    ask(page, "流云小镇占地多少亩？")
    server.put("fleeting", {"title": "流云小镇", "text": "据报道，流云小镇占地13亩。"})
    page.click(".turn .cite")
    expect(page.locator("#panel .lost mark")).to_have_text("流云小镇占地12亩。")
    expect(page.locator("#panel .document")).to_contain_text("13亩")
    page.evaluate("fetch('/v1/documents/fleeting', {method: 'DELETE'})")
    page.click(".turn .cite")
    expect(page.locator("#panel .lost")).to_contain_text("已经删除")


@browser_test
def test_a_follow_up_is_understood_from_the_turns_before(open_page: Open) -> None:
    page = open_page()
    ask(page, AREA)
    ask(page, "它由谁运营？")
    expect(page.locator(".turn:last-child .resolved")).to_contain_text("理解为：𠮷祥产业社区由谁运营？")
    page.locator(".turn:last-child").get_by_role("button", name="修改").click()
    expect(page.locator("#question")).to_have_value("𠮷祥产业社区由谁运营？")
    page.press("#question", "Enter")
    expect(page.locator(".turn")).to_have_count(3)


@browser_test
def test_disagreeing_sources_stand_side_by_side(open_page: Open) -> None:
    page = open_page("/?q=" + "𠮷祥产业社区有多少家企业？")
    expect(page.locator(".rivals-title")).to_have_text("各来源说法不一：企业数")
    expect(page.locator(".rival")).to_have_count(2)
    expect(page.locator(".rival").nth(0)).to_contain_text("2024-05-06")
    expect(page.locator(".rival").nth(1)).to_contain_text("日期未标明")
    left, right = (page.locator(".rival").nth(i).bounding_box() for i in (0, 1))
    assert (left["y"], left["x"] < right["x"]) == (right["y"], True)


@browser_test
def test_a_side_of_a_comparison_on_which_nothing_was_found_is_named(open_page: Open) -> None:
    page = open_page()
    ask(page, "𠮷祥产业社区和云台科技园哪个企业更多？")
    expect(page.locator(".turn")).to_contain_text("关于「云台科技园」，语料中没有找到可以比较的内容。")
    expect(page.locator(".turn .statement").first).to_contain_text("𠮷祥")


@browser_test
def test_nothing_found_is_said_and_the_nearest_passages_stand_apart(open_page: Open) -> None:
    page = open_page()
    ask(page, "珠穆朗玛峰的海拔是多少米？")
    expect(page.locator(".not-found")).to_contain_text("语料中没有找到")
    expect(page.locator(".turn .cite")).to_have_count(0)
    expect(page.locator(".passages summary")).to_contain_text("最接近的段落")
    expect(page.locator(".passage .bar").first).to_be_visible()


@browser_test
def test_passages_show_matched_words_and_what_each_index_adds(open_page: Open) -> None:
    page = open_page()
    ask(page, "𠮷祥產業社區佔地多少畝？")  # traditional characters find simplified ones
    page.click(".passages summary")
    first = page.locator(".passage").first
    expect(first.locator("mark")).to_have_text(AREA_QUOTE)
    expect(first.locator("mark .hit")).to_have_text(["𠮷祥产业社区占地", "𠮷祥"])
    expect(first.locator(".passage-text > .hit")).to_have_text(["𠮷祥产业社区"])
    expect(first.locator(".legs")).to_have_text(re.compile(r"词面第 1，占 \d+% · 稠密第 \d，占 \d+%"))
    lexical, dense = (int(share) for share in re.findall(r"(\d+)%", first.locator(".legs").inner_text()))
    assert lexical + dense == 100
    assert first.locator(".share-lexical").get_attribute("style") == f"width: {lexical}%;"
    expect(page.locator(".legend")).to_contain_text("与问题相合的词")


@browser_test
def test_a_stopped_server_is_told_and_found_again(open_page_at: Open, start_server: Callable[[], Server]) -> None:
    server = start_server()
    server.put("yuntai", YUNTAI)
    page = open_page_at(server)
    server.stop()
    page.fill("#question", "云台科技园占地多少亩？")
    page.press("#question", "Enter")
    expect(page.get_by_role("alert")).to_contain_text("连不上问答服务")
    expect(page.locator("#connection")).to_be_visible()
    server.start()
    page.get_by_role("button", name="重试").click()
    expect(page.locator(".turn .statement").first).to_have_text("云台科技园占地300亩。")
    expect(page.locator("#connection")).to_be_hidden()


@browser_test
def test_a_slow_answer_and_a_refused_question_are_told(open_page: Open) -> None:
    page = open_page()
    never = "(_, {signal}) => new Promise((_, no) => (signal.onabort = () => no(signal.reason)))"
    page.evaluate(f"() => {{ window.fetch = {never} }}")
    page.fill("#question", AREA)
    page.press("#question", "Enter")
    expect(page.locator(".turn .waiting")).to_contain_text("还在检索")
    page.get_by_role("button", name="停止").click()
    expect(page.locator(".turn .waiting")).to_have_text("已停止。")
    page.reload()
    page.fill("#question", "长" * 1001)
    page.press("#question", "Enter")
    expect(page.get_by_role("alert")).to_contain_text("参数无效")
    expect(page.get_by_role("alert")).to_contain_text("最多 1000 个字符")


@browser_test
def test_everything_can_be_done_with_the_keyboard(open_page: Open) -> None:
    page = open_page()
    expect(page.locator("#question")).to_be_focused()
    page.keyboard.type("第一行")
    page.keyboard.press("Shift+Enter")
    composing = "new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true, cancelable: true})"
    page.evaluate(f"document.activeElement.dispatchEvent({composing})")  # an input method finishes its word
    expect(page.locator("#question")).to_have_value("第一行\n")
    page.fill("#question", AREA)
    page.keyboard.press("Enter")
    expect(page.locator(".byline")).to_be_visible()
    expect(page.locator("#live")).to_contain_text(AREA_QUOTE)
    press_until(page, "Shift+Tab", ".cite")
    expect(page.locator("#card")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#card")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.locator("#panel-title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    expect(page.locator(".turn .cite").first).to_be_focused()
    page.keyboard.press("Control+k")
    expect(page.locator("#question")).to_be_focused()


@browser_test
def test_documents_are_read_with_the_keyboard(open_page: Open) -> None:
    page = open_page()
    page.locator("#skip").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    press_until(page, "Shift+Tab", "#to-documents")
    page.keyboard.press("Enter")
    expect(page.locator(".shelf-list a").first).to_be_visible()
    press_until(page, "Tab", "#title-filter")
    page.keyboard.type("祥产业")
    press_until(page, "Tab", ".shelf-list a")
    page.keyboard.press("Enter")
    expect(page.locator("#reader h1")).to_be_focused()
    press_until(page, "Tab", "#reader .note")
    expect(page.locator("#card")).to_contain_text("杭州日报")
    page.keyboard.press("Enter")
    expect(page.locator("#reader .notes li").first).to_be_focused()


@browser_test
def test_on_a_phone_the_document_is_a_sheet_that_keeps_the_focus(open_page: Open) -> None:
    page = open_page(width=390, has_touch=True)
    ask(page, AREA)
    page.tap(".turn .cite")
    assert marked(page, "#panel") == AREA_QUOTE
    for _ in range(15):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('#panel')")
    page.focus("#panel-title")
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()


@browser_test
def test_documents_are_found_read_uploaded_and_deleted(open_page: Open, tmp_path: Path) -> None:
    page = open_page("/#/documents")
    page.select_option("#kind-filter", "park")
    expect(page.locator(".shelf-list a")).to_have_text([re.compile("云台科技园")])
    page.select_option("#kind-filter", "")
    page.select_option("#year-filter", "2024")
    expect(page.locator(".shelf-list a")).to_have_text([re.compile("𠮷祥产业社区")])
    page.select_option("#year-filter", "")
    page.fill("#title-filter", "吉祥")
    expect(page.locator("#shelf-size")).to_have_text("没有符合条件的文档")
    page.fill("#title-filter", "祥产业")
    page.click(".shelf-list a")
    expect(page.locator("#reader h1")).to_have_text("𠮷祥产业社区")
    expect(page.locator("#reader .related a")).to_have_text("云台科技园")
    page.fill("#title-filter", "")
    file = tmp_path / f"{IMAGE.replace('/', '')}.md"
    file.write_text("# 新城小镇\n\n新城小镇占地9亩。[^没有]", encoding="utf-8")
    page.set_input_files("#files", file)
    expect(page.locator(".report")).to_contain_text("已收录：新城小镇")
    expect(page.locator(".report")).to_contain_text("请留意")
    page.click(".report a")
    page.get_by_role("button", name="删除").click()
    page.keyboard.press("Escape")
    expect(page.locator("#reader h1")).to_have_text("新城小镇")
    page.get_by_role("button", name="删除").click()
    page.locator(".confirm").get_by_role("button", name="删除").click()
    expect(page.locator(".shelf-list a", has_text="新城小镇")).to_have_count(0)
    expect(page.locator(".reader-empty")).to_be_visible()


@browser_test
def test_a_passage_tells_where_else_it_stands(open_page: Open, server: Server) -> None:
    text = "丹枫产业社区占地七十亩。丹枫产业社区位于西溪区丹枫街道，由丹枫集团建设，有企业三十家、公寓两幢、食堂一处。"
    more = "丹枫产业社区每周为企业办一次供需对接会，周边居民也可以来听。丹枫产业社区的党群服务站每周三下午开放，"
    more += "提供政策咨询和证照代办，帮助企业在园区里找到上下游，也帮助青年人才找到住处。"
    source = "publisher: 某网\ndate: 2023-02-01\nurl: https://example.com/2\n"
    for name in ("danfeng", "danfeng-repost"):
        server.put(name, f"---\ntitle: 丹枫产业社区\n{source}---\n\n{text}{more}")
    page = open_page()
    ask(page, "丹枫产业社区占地多少亩？")
    page.locator(".passages summary").click()
    place = page.locator(".also-in").first
    expect(place).to_have_text(re.compile("另见丹枫产业社区 · 某网 · 2023-02-01 · 原网页"))
    expect(place.get_by_text("原网页")).to_have_attribute("href", "https://example.com/2")
    place.get_by_role("link").first.click()
    expect(page.locator("#reader mark").first).to_contain_text("占地七十亩")
    expect(page.locator("#reader .near-duplicates a")).to_have_text("丹枫产业社区")


@browser_test
def test_a_file_can_be_dropped_and_a_format_that_is_not_read_is_refused_in_words(open_page: Open) -> None:
    page = open_page("/#/documents")
    drop = """name => {
        const carried = new DataTransfer();
        carried.items.add(new File(['GIF89a'], name, {type: 'image/gif'}));
        const over = {dataTransfer: carried, bubbles: true, cancelable: true};
        document.querySelector('.shelf').dispatchEvent(new DragEvent('drop', over));
    }"""
    page.evaluate(drop, f"{IMAGE}.gif")
    expect(page.locator(".report .report-title")).to_have_text(f"{IMAGE}.gif")
    expect(page.locator(".report .problem")).to_contain_text("不支持这种内容格式")


@browser_test
def test_addresses_lead_to_a_question_and_to_a_span(open_page: Open) -> None:
    page = open_page(f"/?q={AREA}")
    expect(page.locator(".turn .question")).to_have_text(AREA)
    assert page.evaluate("location.search") == ""
    page = open_page("/#/documents/jixiang?start=4&end=12")
    assert marked(page, "#reader") == "𠮷祥产业社区位于"
    page = open_page("/#/documents/missing")
    expect(page.get_by_role("alert")).to_contain_text("没有这个文档")


@browser_test
def test_conversations_are_kept_exported_and_forgotten(open_page: Open) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    ask(page, AREA)
    page.get_by_role("button", name="复制 GB/T 7714").click()
    expect(page.get_by_role("button", name="已复制")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    reference = r"\[1\] 张三\. 𠮷祥产业社区开园\[EB/OL\]\. 杭州日报, 2024\(2024-05-06\)\[\d{4}-\d\d-\d\d\]\. https://example\.com/"
    assert copied.startswith(f"{AREA_QUOTE}[1]")
    assert re.search(reference, copied)
    page.get_by_role("button", name="复制 Markdown").click()
    page.wait_for_function(
        "navigator.clipboard.readText().then(text => text.includes('[^1]: “𠮷祥产业社区占地80.1亩'))"
    )
    for name in ("导出 Markdown", "导出 JSON"):
        with page.expect_download() as download:
            page.get_by_role("button", name=name).click()
        text = download.value.path().read_text("utf-8")
        assert AREA_QUOTE in text
    assert json.loads(text)["turns"][0]["status"] == "answered"
    page.reload()
    page.click(".history-open")
    expect(page.locator(".turn .question")).to_have_text(AREA)
    page.hover(".history-list li")
    page.click(".history-delete")
    page.locator(".confirm").get_by_role("button", name="删除").click()
    expect(page.locator(".history-open")).to_have_count(0)
    expect(page.locator(".turn")).to_have_count(0)


@browser_test
def test_events_survive_every_split_of_the_stream(open_page: Open) -> None:
    stream = ': beat\r\n\r\nevent: delta\r\ndata: {"text":\r\ndata: "𠮷"}\r\n\r\n:\nevent: done\ndata: {}\n\n'
    read_in_pieces = """async (text) => {
        const { readEvents } = await import('/page/stream.js');
        const bytes = new TextEncoder().encode(text);
        const seen = new Set();
        for (let size = 1; size <= bytes.length; size++) {
            const starts = [...Array(Math.ceil(bytes.length / size)).keys()].map(i => i * size);
            const pull = c => starts.length ? c.enqueue(bytes.slice(starts[0], starts.shift() + size)) : c.close();
            const events = [];
            for await (const event of readEvents(new ReadableStream({ pull }))) events.push(event);
            seen.add(JSON.stringify(events));
        }
        return [...seen].map(JSON.parse);
    }"""
    whole = [{"name": "delta", "body": {"text": "𠮷"}}, {"name": "done", "body": {}}]
    assert open_page().evaluate(read_in_pieces, stream) == [whole]


@browser_test
def test_the_description_is_read_and_tried_offline(open_page: Open) -> None:
    page = open_page("/docs")
    ask_route = page.locator("[id='post/v1/ask']")
    expect(ask_route).to_contain_text("question")
    ask_route.locator("summary").click()
    ask_route.get_by_role("button", name="发送").click()
    expect(ask_route.locator("pre").last).to_contain_text("200")
