"""The words of push: who recommends the brand first, why, and by how much."""

from backend.platform.labels import Labelled


class PushLevel(Labelled):
    """Whose recommendation is judged."""

    DEALER_PUSH = "dealer_push", "经销商主推", "dealer push"
    STORE_PUSH = "store_push", "商场主推", "store (mall) push"
    COUNTER_PUSH = "counter_push", "柜组主推", "counter-group push"
    CLERK_PUSH = "clerk_push", "营业员主推", "sales-clerk push"


class PushFactor(Labelled):
    """What makes the trade recommend a brand."""

    BENEFIT = "benefit", "利益", "benefit (margin, spiff)"
    BRAND = "brand", "品牌", "brand strength"
    SUPPORT_AND_SERVICE = "support_and_service", "相关支持和服务", "support and service"
    PRODUCT_INFORMATION = "product_information", "产品信息", "product information"
    RELATIONSHIP = "relationship", "关系", "relationship"
    DECISION_MAKER = "decision_maker", "决策人", "decision maker"


HOSTILE = 0
