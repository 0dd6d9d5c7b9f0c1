"""Every table, in an order that foreign keys allow."""

from peewee import Model

from backend.evidence.models import (
    FormerLocationReading,
    LocationReading,
    PhotoAudit,
    PhotoMatch,
    PhotoReading,
)
from backend.exchange.models import ExportLink, ImportedFile
from backend.fieldwork.case_models import (
    Complaint,
    ComplaintEntry,
    FeedbackCard,
    FeedbackScore,
    PointCorrection,
    Task,
    TaskEvent,
)
from backend.fieldwork.models import (
    Photo,
    PlanEntry,
    PriceObservation,
    ProductLine,
    PromotionResult,
    Report,
    Violation,
    ViolationSighting,
    Visit,
)
from backend.fieldwork.price_models import PriceCase
from backend.fieldwork.trade_models import (
    CrossAreaSale,
    ImeiSighting,
    SellIn,
    SellOut,
    StockCount,
    StockCountLine,
)
from backend.insight.models import StoreDay
from backend.insight.stock_models import StoreStock
from backend.network.models import (
    CodeAlias,
    Dealer,
    LoginDelay,
    Person,
    Region,
    Session,
    Store,
    StoreDealer,
)
from backend.platform.models import ConsumerCursor, Job, LedgerEntry
from backend.standards.mix_models import (
    CounterSurvey,
    PriceBandFit,
    RegionSalesIndex,
    SeasonPlan,
)
from backend.standards.models import (
    AssortmentRule,
    ChecklistTemplate,
    Promotion,
    PromotionBudget,
    PromotionSku,
    PromotionStaff,
    PromotionStore,
    ReferencePrice,
    Sku,
    StandardsRevision,
)

MODELS: list[type[Model]] = [
    LedgerEntry,
    ConsumerCursor,
    Job,
    Region,
    Person,
    Session,
    LoginDelay,
    Dealer,
    Store,
    StoreDealer,
    CodeAlias,
    ChecklistTemplate,
    Sku,
    StandardsRevision,
    SeasonPlan,
    RegionSalesIndex,
    PriceBandFit,
    CounterSurvey,
    AssortmentRule,
    ReferencePrice,
    Promotion,
    PromotionSku,
    PromotionBudget,
    PromotionStaff,
    PromotionStore,
    PlanEntry,
    Visit,
    Report,
    ProductLine,
    PriceObservation,
    PromotionResult,
    Photo,
    Violation,
    ViolationSighting,
    StockCount,
    StockCountLine,
    SellIn,
    SellOut,
    ImeiSighting,
    CrossAreaSale,
    PriceCase,
    Task,
    TaskEvent,
    Complaint,
    ComplaintEntry,
    FeedbackCard,
    FeedbackScore,
    PointCorrection,
    LocationReading,
    FormerLocationReading,
    PhotoReading,
    PhotoMatch,
    PhotoAudit,
    StoreDay,
    StoreStock,
    ExportLink,
    ImportedFile,
]
