// Tables sort by the column whose head is pressed: numbers by size, the rest by the alphabet; once more turns it round.
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => head.firstChild.addEventListener("click", () => {
    const way = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    const worth = (row) => {
      const text = row.cells[column].textContent.trim().replaceAll(",", "").replace("−", "-");
      return text !== "" && !Number.isNaN(Number(text)) ? Number(text) : text;
    };
    const rows = [...table.tBodies[0].rows].sort((a, b) => {
      const [x, y] = [worth(a), worth(b)];
      if (typeof x === "number" && typeof y === "number") return way * (x - y);
      return typeof x === typeof y ? way * x.localeCompare(y, "en") : typeof x === "number" ? -1 : 1;
    });
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", way === 1 ? "ascending" : "descending");
    table.tBodies[0].append(...rows);
  }));
}
