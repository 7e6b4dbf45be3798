/**
 * Who shall answer: the cheapest of several models that suffices for a query. A {@link dev.lathe.route.ModelRouter}
 * decides before anything is generated, a {@link dev.lathe.route.Cascade} looks at each answer before it asks the next
 * model, and a {@link dev.lathe.route.RoutingCurve} finds their thresholds and tells what they will cost.
 *
 * <p>Queries and answers are of any type, so the same classes route prompts, conversations and requests of an engine.
 * What models say of themselves is here too: {@link dev.lathe.route.PromptSignals} and {@link
 * dev.lathe.route.AnswerSignals}.
 *
 * <p>Moslem and Kelleher: Dynamic Model Routing and Cascading for Efficient LLM Inference: A Survey, 2026, arXiv
 * 2603.04445.
 *
 * <p>May import {@code decode}, {@code measure} and {@code tensor}; knows neither sessions nor tokenizers.
 */
package dev.lathe.route;
