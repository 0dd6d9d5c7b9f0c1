"""Every table, in an order that foreign keys allow."""

from peewee import Model

from backend.evidence.audit_models import AuditPlan, PhotoVerdict
from backend.evidence.models import (
    FormerLocationReading,
    LocationReading,
    PhotoAudit,
    PhotoMatch,
    PhotoReading,
    PointSuggestion,
)
from backend.evidence.retention_models import RetentionRun, RetentionStep
from backend.evidence.signal_models import (
    Appeal,
    CaptureTokenUse,
    SignalConfig,
    VisitReview,
    VisitScore,
    VisitSignal,
)
from backend.exchange.models import DataExport, ExportLink, ImportedFile, Upload
from backend.fieldwork.case_models import (
    Complaint,
    ComplaintEntry,
    FeedbackCard,
    FeedbackScore,
    PointCorrection,
    Task,
    TaskEvent,
)
from backend.fieldwork.fixture_models import Fixture, FixtureEvent, FixtureInspection
from backend.fieldwork.journey_models import PlanEntry, UnplannedNote, VisitRule
from backend.fieldwork.models import PriceObservation, ProductLine, PromotionResult, Report, Visit
from backend.fieldwork.photo_models import Photo, PhotoTally
from backend.fieldwork.price_models import PriceCase
from backend.fieldwork.promotion_models import (
    Claim,
    ClaimLine,
    ClaimProof,
    Launch,
    LaunchEvidence,
    PromotionDay,
    PromotionEvaluation,
)
from backend.fieldwork.push_models import PushAssessment
from backend.fieldwork.trade_models import (
    CrossAreaSale,
    ImeiSighting,
    SellIn,
    SellOut,
    StockCount,
    StockCountLine,
)
from backend.fieldwork.violation_models import Violation, ViolationSighting
from backend.fieldwork.visit_models import ReportRevision, VisitCancellation, VisitPause
from backend.insight.frozen_models import FrozenFigures
from backend.insight.models import PromotionFact, SalesDay, VisitFact
from backend.insight.scorecard_models import Scorecard, ScorecardContest
from backend.insight.season_models import SkuDay
from backend.insight.stock_models import StoreStock
from backend.insight.target_models import KpiTarget
from backend.network.archive_models import (
    Agreement,
    CompetitorNote,
    Contact,
    ContactConsent,
    ContactEntry,
    CustomerCard,
    CustomField,
    CustomValue,
    DealerCompleteness,
    DuplicatePair,
    DuplicateVerdict,
    MergeRecord,
    PipelineMove,
    StoreCompleteness,
)
from backend.network.models import (
    CodeAlias,
    Dealer,
    LoginDelay,
    Person,
    Region,
    Session,
    Store,
    StoreDealer,
    Substitution,
)
from backend.network.privacy_models import PrivacyAnswer, PrivacyNotice
from backend.platform.models import ConsumerCursor, Job, LedgerEntry
from backend.standards.journey_models import CalendarDay, CallFrequency
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
from backend.standards.scorecard_models import ScorecardWeights

MODELS: list[type[Model]] = [
    LedgerEntry,
    ConsumerCursor,
    Job,
    Region,
    Dealer,
    Person,
    Substitution,
    Session,
    LoginDelay,
    PrivacyNotice,
    PrivacyAnswer,
    Store,
    StoreDealer,
    CodeAlias,
    PipelineMove,
    CustomerCard,
    CustomField,
    CustomValue,
    StoreCompleteness,
    DealerCompleteness,
    DuplicatePair,
    DuplicateVerdict,
    MergeRecord,
    CompetitorNote,
    Contact,
    ContactConsent,
    ContactEntry,
    Agreement,
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
    CalendarDay,
    CallFrequency,
    ScorecardWeights,
    VisitRule,
    PlanEntry,
    UnplannedNote,
    Visit,
    VisitPause,
    VisitCancellation,
    Report,
    ReportRevision,
    ProductLine,
    PriceObservation,
    PromotionResult,
    Photo,
    PhotoTally,
    Violation,
    ViolationSighting,
    StockCount,
    StockCountLine,
    SellIn,
    SellOut,
    ImeiSighting,
    CrossAreaSale,
    Fixture,
    FixtureEvent,
    FixtureInspection,
    PriceCase,
    Task,
    TaskEvent,
    Complaint,
    ComplaintEntry,
    FeedbackCard,
    FeedbackScore,
    PointCorrection,
    PushAssessment,
    PromotionDay,
    PromotionEvaluation,
    Claim,
    ClaimLine,
    ClaimProof,
    Launch,
    LaunchEvidence,
    LocationReading,
    FormerLocationReading,
    PointSuggestion,
    PhotoReading,
    PhotoMatch,
    AuditPlan,
    PhotoAudit,
    SignalConfig,
    VisitScore,
    VisitSignal,
    Appeal,
    VisitReview,
    CaptureTokenUse,
    PhotoVerdict,
    VisitFact,
    PromotionFact,
    SalesDay,
    StoreStock,
    SkuDay,
    KpiTarget,
    FrozenFigures,
    Scorecard,
    ScorecardContest,
    ExportLink,
    ImportedFile,
    Upload,
    DataExport,
    RetentionRun,
    RetentionStep,
]
