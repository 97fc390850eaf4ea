// Nothing here is needed to read the page: it adds a search, filters and copy buttons.
(() => {
  "use strict";
  const all = (root, what) => Array.from(root.querySelectorAll(what));
  all(document, "[data-filters]").forEach((tools) => {
    const rows = all(document.getElementById(tools.dataset.filters), "[data-row]");
    const search = tools.querySelector("input[type=search]");
    const boxes = all(tools, "input[type=checkbox]");
    const said = tools.querySelector("[role=status]");
    const apply = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const wanted = boxes.filter((box) => box.checked).map((box) => box.value);
      let shown = 0;
      rows.forEach((row) => {
        const text = row.textContent.toLowerCase();
        const kinds = row.dataset.row.split(" ");
        const fits = words.every((word) => text.includes(word)) &&
          (wanted.length === 0 || kinds.some((kind) => wanted.includes(kind)));
        row.hidden = !fits;
        shown += fits ? 1 : 0;
      });
      said.textContent = `${shown} of ${rows.length} shown`;
    };
    tools.addEventListener("input", apply);
    tools.hidden = false;
    apply();
  });
  all(document, ".script").forEach((block) => {
    if (!navigator.clipboard) { return; }
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", () => {
      navigator.clipboard.writeText(block.querySelector("code").textContent).then(
        () => { button.textContent = "Copied"; }, () => { button.textContent = "Select it by hand"; });
    });
    block.append(button);
  });
})();
