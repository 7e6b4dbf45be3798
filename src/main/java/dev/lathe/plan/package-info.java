/**
 * A planner and actors: one model breaks a request into steps, others do each with calls of tools.
 *
 * <p>{@link dev.lathe.plan.Planner} says who plans and who acts; {@link dev.lathe.plan.PlanRun} is one request. A
 * {@link dev.lathe.plan.Replier} is whoever answers a conversation: {@code session.replier()}, or a script in a test.
 *
 * <p>May import {@code chat}, {@code text} and {@code decode.constraint}; knows nothing of models and sessions.
 */
package dev.lathe.plan;
