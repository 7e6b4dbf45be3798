/**
 * An interpreter for the Jinja2 of chat templates, with the environment that Hugging Face renders them in.
 *
 * <p>{@link dev.lathe.text.template.Template} is the way in. Source text becomes tokens ({@code Lexer}), tokens become
 * {@code Statement}s and {@code Expression}s ({@code Parser}, {@code ExpressionParser}), which run themselves in a
 * {@code Scope}. A new filter is one line in {@code Filters}, a new test one line in {@code Conditions}, a new method
 * of a string one line in {@code StringMethods}, a new global function one line in {@code Globals}.
 *
 * <table>
 *   <caption>Where to look</caption>
 *   <tr><td>reading</td><td>{@code Lexer}, {@code Token}, {@code TokenCursor}; {@code Parser}, {@code
 *       ExpressionParser}, {@code OperandParser}; {@code UnknownNames} tells what Jinja2 has and this has not</td></tr>
 *   <tr><td>running</td><td>{@code Statement}, {@code Expression}, {@code Target}; {@code Scope}, {@code Loop},
 *       {@code Macro}, {@code Namespace}; {@code Rendering} and its {@code Buffer}</td></tr>
 *   <tr><td>values</td><td>{@code Values}, {@code Operators}, {@code Access}, {@code Representation}, {@code
 *       Conversions}, {@code Text}; types that Java has not: {@code Tuple}, {@code Range}, {@code DictView},
 *       {@code Markup}, {@code Generator}, {@code Undefined}</td></tr>
 *   <tr><td>calls</td><td>{@code Operation}, {@code Invocable}, {@code Arguments}; {@code Filters}, {@code Conditions},
 *       {@code Globals}, {@code StringMethods}, {@code CollectionMethods}</td></tr>
 *   <tr><td>formats</td><td>{@code BraceFormat}, {@code PercentFormat}, {@code FormatSpec}, {@code DateFormat},
 *       {@code Json}</td></tr>
 * </table>
 *
 * <p>All of it is one package, larger than others: what a value is, prints as and is called with knows each other in a
 * circle. Rooms without one would make public a third of the classes, and more members of the two types exported.
 *
 * <p>Python's values are: None {@code null}, bool {@code Boolean}, int {@code Long}, float {@code Double}, str
 * {@code MarkedText} (counted in code points), list {@code List}, tuple {@code Tuple}, dict {@code Map}. All are
 * immutable. What is not implemented throws; nothing is rendered by guess. Everything that takes time or memory pays
 * the meter of its {@code Rendering}.
 *
 * <p>Exported for what {@code dev.lathe.text} hands out: {@code MarkedText} and {@code TemplateException}. Imports the
 * JDK only.
 */
package dev.lathe.text.template;
