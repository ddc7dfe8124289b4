"""What the rules allow: not yet told."""


class Model:
    def fold(self, place, record, group, refused):
        pass

    def check_states(self, stage, found):
        pass
