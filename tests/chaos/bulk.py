"""Commands made beforehand, for `baodao replay`."""
from tests.flow import faults


def lines(ids, random, count):
    """Of every worker's kind; ids are ours, so that none comes twice."""
    made = []
    for n in range(count):
        make = random.choices((faults.whistle, faults.issue, faults.need,
                               faults.post), (6, 3, 0.5, 0.5))[0]
        made.append(renamed(make(n), ids.new(random)))
    return made


def renamed(line, id):
    line["key"] = id if line["key"] == line["id"] else line["key"]
    line["id"] = id
    return line


def again(lines, random):
    """The lines, and some of them once more, later."""
    said = []
    for line in lines:
        said.append(line)
        if random.random() < 0.05:
            said.append(random.choice(said))
    return said
