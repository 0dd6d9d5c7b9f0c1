"""What is wrong with fields, and what a report lacks, in Chinese.

The rules below the API say it in English; a sentence that is not known here stays so.
"""

from __future__ import annotations

import re
from typing import Any

SENTENCES = {
    "A measure can be asked for once.": "同一指标只能出现一次。",
    "Missing data for required field.": "必填。",
    "Field may not be null.": "不能为空。",
    "Unknown field.": "未知字段。",
    "Invalid value.": "值无效。",
    "Invalid input.": "输入无效。",
    "Invalid type.": "类型无效。",
    "Invalid input type.": "类型无效。",
    "Not a valid boolean.": "不是有效的布尔值。",
    "Not a valid date.": "不是有效的日期。",
    "Not a valid datetime.": "不是有效的时间。",
    "Not a valid aware datetime.": "时间须注明时区。",
    "Not a valid time.": "不是有效的时刻。",
    "Not a valid integer.": "不是有效的整数。",
    "Not a valid number.": "不是有效的数字。",
    "Number too large.": "数字过大。",
    "Special numeric values (nan or infinity) are not permitted.": "不接受非数字或无穷大。",
    "Not a valid list.": "不是有效的列表。",
    "Not a valid mapping type.": "不是有效的对象。",
    "Not a valid string.": "不是有效的文本。",
    "Not a valid utf-8 string.": "不是有效的 UTF-8 文本。",
    "Not a valid UUID.": "不是有效的 UUID。",
    "String does not match expected pattern.": "格式不符。",
    "Control characters are not allowed.": "不能包含控制字符。",
    "Lower case, digits and _ only.": "只能使用小写字母、数字和下划线。",
    "A declined appeal waives nothing.": "驳回的申诉不能免除任何信号。",
    "A kind is named twice.": "类型重复。",
    "A line is named twice.": "行重复。",
    "A number is named twice.": "编号重复。",
    "A person is named twice.": "人员重复。",
    "A photo needs its visit.": "照片须注明所属拜访。",
    "A product is counted twice.": "产品重复盘点。",
    "A product is named twice.": "产品重复。",
    "A signal is named twice.": "信号重复。",
    "At least one of the figures is needed.": "至少填写一个数字。",
    "Judge one level at least.": "至少评定一个层级。",
    "Name a dealer or a store, not both.": "经销商和门店只能填写其一。",
    "Name the store or the place.": "请填写门店或地点。",
    "Not below suspicious_from.": "不能低于 suspicious_from。",
    "Not true or false, a number or a few words.": "须为是或否、数字或简短文字。",
    "Say what happened.": "请说明发生了什么。",
    "Say why.": "请说明原因。",
    "What is not there has no condition or use.": "不存在的物品没有状态或用途。",
    "Cannot see the store.": "该人员无权查看门店。",
    "Does not visit stores.": "该人员不负责拜访门店。",
    "Not a visit of yours to that store.": "不是您对该门店的拜访。",
    "unanswered": "未填写",
    "always applies": "必须适用，不能跳过",
    "quantity unanswered": "未填写数量",
    "contiguous unanswered": "未填写是否连贴",
    "value unanswered": "未填写数值",
    "nothing chosen": "未选择",
    "more than one chosen": "只能选择一项",
}
PATTERNS = [
    (re.compile(pattern), chinese)
    for pattern, chinese in (
        (r"Must be one of: (.*)\.", "须为以下之一：{0}。"),
        (
            r"Must be greater than or equal to (\S+) and less than or equal to (\S+)\.",
            "须在 {0} 至 {1} 之间。",
        ),
        (r"Must be greater than or equal to (\S+)\.", "不能小于 {0}。"),
        (r"Must be less than or equal to (\S+)\.", "不能大于 {0}。"),
        (r"Must be greater than (\S+)\.", "须大于 {0}。"),
        (r"Must be less than (\S+)\.", "须小于 {0}。"),
        (r"Shorter than minimum length (\d+)\.", "长度不能少于 {0}。"),
        (r"Longer than maximum length (\d+)\.", "长度不能超过 {0}。"),
        (r"Length must be between (\d+) and (\d+)\.", "长度须在 {0} 至 {1} 之间。"),
        (r"Length must be (\d+)\.", "长度须为 {0}。"),
        (r"Must be equal to (.*)\.", "须等于 {0}。"),
        (r"no option (.*)", "无此选项：{0}"),
        (r"wall (.*)", "背景墙{0}"),
        (r"(\d+) of (\d+) photos", "照片 {0}/{1} 张"),
        (r"(\d+) not of the (\S+)", "{0} 张不是 {1} 照片"),
        (r"(\d+) not by the camera of the app", "{0} 张不是应用内拍摄"),
    )
]


def said(message: str) -> str:
    """Return a sentence in Chinese, or as it is where that is not known."""
    if message in SENTENCES:
        return SENTENCES[message]
    for pattern, chinese in PATTERNS:
        if found := pattern.fullmatch(message):
            return chinese.format(*(SENTENCES.get(part, part) for part in found.groups()))
    parts = message.split(", ")
    if len(parts) > 1 and all(said(part) != part for part in parts):
        return "，".join(map(said, parts))
    return message


def errors(found: Any) -> Any:
    """Return the errors of fields, nested as they are, with every sentence in Chinese."""
    if isinstance(found, dict):
        return {name: errors(inner) for name, inner in found.items()}
    if isinstance(found, list):
        return [errors(inner) for inner in found]
    return said(found) if isinstance(found, str) else found
